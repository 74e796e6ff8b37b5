"""What a shop of one page looks like, to compare with: a page from a template, and a page with one query."""
