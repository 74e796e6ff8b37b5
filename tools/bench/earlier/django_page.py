"""A Django page with one query. It stands on its own: it runs in an environment without the shop."""

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
)
django.setup()
REST = "x" * (int(os.environ["BYTES"]) - 60)


class Book(models.Model):
    title = models.CharField(max_length=300)

    class Meta:
        app_label = "earlier"


if Book._meta.db_table not in connection.introspection.table_names():
    with connection.schema_editor() as editor:
        editor.create_model(Book)
    Book.objects.create(title="Book")
connection.close()
PAGE = engines["django"].from_string(
    "<!doctype html><title>{{ book.title }}</title><h1>{{ book.title }}</h1>{{ rest }}"
)


def index(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE.render({"book": Book.objects.get(pk=1), "rest": REST}))


urlpatterns = [path("", index)]
app = get_wsgi_application()
