from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from refsync.errors import ConfigError
from refsync.google_sheets.api.credentials import SCOPES, find_account
from refsync.settings import Settings
from tests.sheets_emulator import DEFAULT_ACCOUNT, SheetsEmulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def key() -> Iterator[dict[str, Any]]:
    with SheetsEmulator() as emulator:
        yield emulator.service_account_info()


@pytest.fixture(autouse=True)
def no_other_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")


def settings(text: str | None = None, file: Path | None = None) -> Settings:
    return Settings("1x", google_service_account_json=text, google_service_account_file=file)


WRITTEN: dict[str, Callable[[dict[str, Any]], str]] = {
    "as it is": json.dumps,
    "indented": lambda key: json.dumps(key, indent=2),
    "on one line with escaped line breaks": lambda key: json.dumps(key, indent=2).replace(
        "\n", "\\n"
    ),
    "with real line breaks in the key": lambda key: json.dumps(key).replace("\\n", "\n"),
    "with escaped line breaks in the key": lambda key: json.dumps(key).replace("\\n", "\\\\n"),
    "in quotes": lambda key: f"'{json.dumps(key)}'\n",
    "in base64": lambda key: base64.b64encode(json.dumps(key).encode()).decode(),
    "in base64 with line breaks": lambda key: base64.encodebytes(json.dumps(key).encode()).decode(),
    "in base64 for URLs, not padded": lambda key: (
        base64.urlsafe_b64encode(json.dumps(key, ensure_ascii=False).encode()).decode().rstrip("=")
    ),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_a_key_in_the_environment(key: dict[str, Any], written: str) -> None:
    account = find_account(settings(WRITTEN[written](key)))
    assert account.address == DEFAULT_ACCOUNT
    assert account.source == "GOOGLE_SERVICE_ACCOUNT_JSON"
    assert tuple(account.credentials.scopes) == SCOPES  # type: ignore[attr-defined]
    assert "PRIVATE" not in repr(account)


def test_a_key_file_comes_second(key: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text("\ufeff" + json.dumps(key), encoding="utf-8")
    assert find_account(settings(file=path)).source == f"GOOGLE_SERVICE_ACCOUNT_FILE ({path})"
    both = find_account(settings(json.dumps(key), path))
    assert both.source == "GOOGLE_SERVICE_ACCOUNT_JSON"


def test_application_default_credentials_come_last(
    key: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "adc.json"
    path.write_text(json.dumps(key))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    account = find_account(settings())
    assert (account.address, account.source) == (DEFAULT_ACCOUNT, "Application Default Credentials")
    assert tuple(account.credentials.scopes) == SCOPES  # type: ignore[attr-defined]


IMPERSONATED = "robot@project.iam.gserviceaccount.com"


@pytest.mark.parametrize("address", [IMPERSONATED, None])
def test_federation_shares_with_the_impersonated_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    federation = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/x",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": str(tmp_path / "token")},
    }
    if address:
        federation["service_account_impersonation_url"] = (
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
            f"{address}:generateAccessToken"
        )
    path = tmp_path / "federation.json"
    path.write_text(json.dumps(federation))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    assert find_account(settings()).address == address


def test_gclouds_credentials_have_no_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = {
        "type": "authorized_user",
        "client_id": "1.apps.googleusercontent.com",
        "client_secret": "s3cret",
        "refresh_token": "r3fresh",
        "quota_project_id": "mine",
    }
    (tmp_path / "application_default_credentials.json").write_text(json.dumps(person))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    assert find_account(settings()).address is None


SECRET = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"  # noqa: S105


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        "{" + SECRET,
        json.dumps([SECRET]),
        json.dumps({"type": "service_account", "private_key": SECRET}),
        json.dumps(
            {
                "type": "service_account",
                "client_email": "a@b.iam.gserviceaccount.com",
                "token_uri": "https://oauth2.googleapis.com/token",
                "private_key": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
            }
        ),
        json.dumps({"type": "authorized_user", "refresh_token": SECRET}),
    ],
)
@pytest.mark.parametrize("place", ["JSON", "FILE"])
def test_unfit_credentials_are_an_error_without_any_secret(
    text: str, place: str, tmp_path: Path
) -> None:
    path = tmp_path / "key.json"
    path.write_text(text)
    asked = settings(text) if place == "JSON" else settings(file=path)
    with pytest.raises(ConfigError, match=f"GOOGLE_SERVICE_ACCOUNT_{place}") as raised:
        find_account(asked)
    told: BaseException | None = raised.value
    while told is not None:
        assert SECRET not in str(told)
        told = told.__cause__ or (None if told.__suppress_context__ else told.__context__)
    assert SECRET not in repr(asked)


def test_no_credentials_at_all_is_an_error_that_names_the_ways() -> None:
    with pytest.raises(
        ConfigError, match=r"GOOGLE_SERVICE_ACCOUNT_JSON .* GOOGLE_SERVICE_ACCOUNT_FILE"
    ):
        find_account(settings())


def test_a_missing_key_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.json .*cannot be read"):
        find_account(settings(file=tmp_path / "nowhere.json"))
