"""Settings and the database."""

from __future__ import annotations

import threading
from dataclasses import fields, replace
from pathlib import Path

import pytest
from sqlalchemy import text

from api.settings import Settings, from_environment
from api.store import Store
from matcher.errors import CodedError


def test_settings_come_from_the_environment_and_what_is_given_goes_first():
    environment = {"MATCHER_MAX_QUEUE": "7", "MATCHER_LEASE_SECONDS": "2.5", "MATCHER_INSTANCE": "/srv/a", "MATCHER_KEEP_DAYS": ""}
    settings = from_environment(environment, instance=None, max_queue=9)
    assert (settings.max_queue, settings.lease_seconds, settings.instance, settings.keep_days) == (9, 2.5, Path("/srv/a"), Settings().keep_days)


@pytest.mark.parametrize("value", ["many", "-1", "nan", "1.5"])
def test_a_setting_that_is_no_number_is_refused_by_name(value):
    with pytest.raises(CodedError, match="MATCHER_MAX_QUEUE"):
        from_environment({"MATCHER_MAX_QUEUE": value})


def test_every_setting_is_explained():
    assert Settings.__doc__ is not None
    assert all(field.name in Settings.__doc__ for field in fields(Settings))


def test_a_database_of_another_version_is_refused(settings):
    store = Store(settings)
    with store.session() as session:
        session.execute(text("UPDATE schema_version SET version = 99"))
    store.close()
    with pytest.raises(CodedError, match="99"):
        Store(settings)


def test_a_folder_that_cannot_be_made_is_told(settings, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CodedError, match="MATCHER_INSTANCE"):
        Store(replace(settings, instance=tmp_path / "file" / "below"))


def test_the_folder_is_closed_to_others(settings):
    Store(settings).close()
    assert settings.instance.stat().st_mode & 0o077 == 0


def test_many_processes_may_open_an_empty_instance_at_once(settings):
    stores, failures = [], []

    def open_store():
        try:
            stores.append(Store(settings))
        except Exception as error:  # noqa: BLE001  # whatever it is, the test fails with it
            failures.append(error)

    threads = [threading.Thread(target=open_store) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert failures == []
