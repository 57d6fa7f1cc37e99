"""The house keeps its shape; each check is itself tested on a planted breach."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from relance.rules.permissions import Role
from relance.web.access import LOGIN, PUBLIC
from tests import architecture

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "relance"
FRONTS = ("web", "management", "api")
TIMELESS = ("rules", "services", "gateways", "queries", "models")

# Views that are not ours, by the module they come from, and why each may be
# reached without a role of our own.
OUTSIDE = {
    "allauth": "asks for a login itself where one is needed",
    "django.views.i18n": "changes the language of the one who asks",
    "django.views.generic.base": "allauth's redirects inside one's own account",
}


def sources(*parts):
    """Return the Python files of these layers (a folder or one module)."""
    for part in parts:
        yield from sorted((PACKAGE / part).rglob("*.py"))
        if (PACKAGE / f"{part}.py").exists():
            yield PACKAGE / f"{part}.py"


def breaches(check, paths):
    return [
        f"{path.relative_to(ROOT)}:{breach}"
        for path in paths
        for breach in check(path.read_text("utf-8"))
    ]


def test_only_services_write():
    assert breaches(architecture.writes, sources(*FRONTS, "jobs")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "invoice.save()",
        "form.save()",
        "Invoice.objects.create(number='1')",
        "Invoice.objects.filter(pk=1).update(total=0)",
        "Invoice.objects.bulk_create([])",
        "User.objects.get_or_create(email='')",
        "customer.invoices.add(invoice)",
        "customer.invoices.set([])",
        "self.object.delete()",
    ],
)
def test_a_planted_write_is_found(planted):
    assert architecture.writes(planted)


@pytest.mark.parametrize(
    "harmless",
    [
        "request.session.set('a', 1)",
        "choices.update(other)",
        "seen.add(1)",
        "cache.set('beat', 1)",
        "self._stopping.set()",
        "response.headers.update({})",
        "create_invoice(data)",
    ],
)
def test_what_only_looks_like_a_write_is_let_through(harmless):
    assert architecture.writes(harmless) == []


def test_time_is_an_argument():
    assert breaches(architecture.clock_reads, sources(*TIMELESS)) == []


@pytest.mark.parametrize(
    "planted",
    [
        "timezone.now()",
        "date.today()",
        "datetime.now(UTC)",
        "datetime.datetime.now()",
        "timezone.localdate()",
        "localdate()",
    ],
)
def test_a_planted_clock_is_found(planted):
    assert architecture.clock_reads(planted)


def test_moving_an_instant_to_a_zone_is_not_reading_the_clock():
    assert architecture.clock_reads("timezone.localtime(now)") == []


def test_amounts_are_added_by_the_helpers_of_money():
    paths = [path for path in sources(".") if path != PACKAGE / "models" / "money.py"]
    assert breaches(architecture.bare_arithmetic, paths) == []


@pytest.mark.parametrize(
    "planted", ["F('total') - F('paid')", "1 + models.F('total')", "Avg('total')"]
)
def test_planted_arithmetic_is_found(planted):
    assert architecture.bare_arithmetic(planted)


def test_rules_stand_on_the_standard_library():
    def foreign(source):
        return architecture.foreign_imports(source, package="relance.rules")

    assert breaches(foreign, sources("rules")) == []
    assert foreign("import django.db")
    assert foreign("from relance.models import Invoice")


def test_files_stay_readable():
    paths = [path for path in sources(".") if "migrations" not in path.parts]
    paths += sorted((ROOT / "tests").rglob("*.py"))
    long = {
        str(path.relative_to(ROOT)): lines
        for path in paths
        if (lines := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert long == {}


# --- layers -----------------------------------------------------------------


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the package, in which to plant a breach."""
    folder = tmp_path_factory.mktemp("copy")
    ignore = shutil.ignore_patterns("static", "locale", "__pycache__", "seeds")
    shutil.copytree(PACKAGE, folder / "relance", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder):
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_the_arrow_is_kept(copy):
    code, said = lint(copy)

    assert code == 0, said


@pytest.mark.parametrize(
    ("layer", "planted"),
    [
        ("models", "import relance.services.history"),
        ("models", "import relance.web.access"),
        ("queries", "import relance.services.history"),
        ("services", "import relance.jobs"),
        ("services", "import relance.web.access"),
        ("rules", "import relance.models.money"),
        ("gateways", "import relance.models.money"),
        ("gateways", "import relance.queries.company"),
        ("web", "import relance.management.terminal"),
    ],
)
def test_a_planted_import_breaks_the_arrow(copy, layer, planted):
    breach = copy / "relance" / layer / "planted.py"
    breach.write_text(planted)
    try:
        code, said = lint(copy)
    finally:
        breach.unlink()

    assert code == 1, said
    assert "planted" in said


def test_a_module_outside_the_layers_breaks_the_arrow(copy):
    breach = copy / "relance" / "helpers.py"
    breach.write_text("")
    try:
        code, said = lint(copy)
    finally:
        breach.unlink()

    assert code == 1, said


# --- doors ------------------------------------------------------------------


def views(resolver, prefix=""):
    for entry in resolver.url_patterns:
        where = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from views(entry, where)
        elif isinstance(entry, URLPattern):
            yield where, entry.callback


def undeclared(resolver):
    roles = {PUBLIC, LOGIN, *(role.value for role in Role)}
    return [
        where
        for where, view in views(resolver)
        if getattr(view, "required_role", "") not in roles
        and not view.__module__.startswith(tuple(OUTSIDE))
    ]


def test_every_url_declares_its_role():
    assert undeclared(get_resolver()) == []


def test_a_planted_url_without_a_role_is_found():
    class Planted:
        url_patterns = (URLPattern("planted/", lambda request: None),)

    assert undeclared(Planted) == ["planted/"]
