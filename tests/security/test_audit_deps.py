"""`make audit-deps`: nothing is called sound that nobody was asked about."""

from typing import Any

from tools.audit_deps import verdict

SOUND: dict[str, Any] = {"name": "quart", "version": "0.22.0", "vulns": []}
FAULTY = {**SOUND, "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["0.22.1"]}]}
SKIPPED = {"name": "stripe", "skip_reason": "Dependency not found on PyPI and could not be audited"}


def test_packages_without_known_vulnerabilities_are_counted() -> None:
    assert verdict([SOUND, SOUND]) == (0, "2 packages: no known vulnerabilities.")


def test_a_known_vulnerability_is_named_with_its_remedy() -> None:
    code, words = verdict([SOUND, FAULTY, SKIPPED])
    assert code == 1
    assert "quart 0.22.0: PYSEC-2026-1, mended in 0.22.1" in words


def test_a_package_that_could_not_be_asked_about_is_no_sound_package() -> None:
    for report in ([SOUND, SKIPPED], []):
        code, words = verdict(report)
        assert code == 2
        assert "could not be asked, so nothing is known" in words
