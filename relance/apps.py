"""The one Django application."""

from django.apps import AppConfig


class RelanceConfig(AppConfig):
    name = "relance"
    verbose_name = "Relance"
