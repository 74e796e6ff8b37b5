"""What the back office does beside what the shop does anyway."""
