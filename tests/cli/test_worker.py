"""``relance worker``: refuses a database that is not ready."""


def test_without_a_database_it_says_what_comes_first(relance):
    done = relance("worker")

    assert done.returncode == 3
    assert "relance setup" in done.stderr
    assert "Traceback" not in done.stderr
