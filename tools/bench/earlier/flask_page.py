"""A Flask page with a template and no database. It stands on its own: it runs in an environment without the shop."""

import os

from flask import Flask, render_template_string

BYTES = int(os.environ["BYTES"])
PAGE = "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>{{ rest }}"

app = Flask(__name__)
app.config["REST"] = "x" * (BYTES - 60)


@app.get("/")
def index() -> str:
    return render_template_string(PAGE, title="Book", rest=app.config["REST"])
