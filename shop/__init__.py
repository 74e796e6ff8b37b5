"""Colophon, a bookshop on the web. `shop.factory.create_app` is where it is put together."""
