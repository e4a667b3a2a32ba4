"""Service accounts, the OAuth token endpoint and bearer tokens.

The endpoint takes the signed assertion that google-auth's service-account flow really sends
(RFC 7523) and checks all of it: signature, issuer, audience, times and scopes.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.sheets_emulator.clock import Clock, rfc3339
from tests.sheets_emulator.errors import ApiError, Json, error_info

PROJECT = "emulated-project"
DEFAULT_ACCOUNT = f"refsync@{PROJECT}.iam.gserviceaccount.com"
SPREADSHEETS = "https://www.googleapis.com/auth/spreadsheets"
SPREADSHEETS_READONLY = "https://www.googleapis.com/auth/spreadsheets.readonly"
DRIVE = "https://www.googleapis.com/auth/drive"
DRIVE_READONLY = "https://www.googleapis.com/auth/drive.readonly"
DRIVE_FILE = "https://www.googleapis.com/auth/drive.file"

READ_SCOPES = {SPREADSHEETS, SPREADSHEETS_READONLY, DRIVE, DRIVE_READONLY, DRIVE_FILE}
WRITE_SCOPES = {SPREADSHEETS, DRIVE, DRIVE_FILE}
DRIVE_SCOPES = {DRIVE, DRIVE_FILE}

GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
"""The audience that google-auth always signs for, whatever a key file's `token_uri` is."""

TOKEN_SECONDS = 3600
CLOCK_SKEW_SECONDS = 300


class OAuthError(Exception):
    """400 of the token endpoint: `{"error": …, "error_description": …}`."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body: Json = {"error": error, "error_description": description}


@dataclass(frozen=True)
class Caller:
    """Who sends a request, and what the token allows."""

    email: str
    scopes: frozenset[str]
    expires_at: float


@functools.cache
def _private_key(name: str) -> rsa.RSAPrivateKey:
    """One key pair a name and process: making one is the only slow thing here."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Accounts:
    """The service accounts that the emulator knows, and the tokens it gave them."""

    clock: Clock
    token_uri: str
    _keys: dict[str, rsa.RSAPublicKey] = field(default_factory=dict)
    _tokens: dict[str, Caller] = field(default_factory=dict)

    def service_account_info(self, email: str = DEFAULT_ACCOUNT) -> Json:
        """What a downloaded key file of the account holds; a new address makes a new account."""
        key = _private_key(email)
        self._keys[email] = key.public_key()
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "1",
            "private_key": pem.decode("ascii"),
            "client_email": email,
            "client_id": "100000000000000000000",
            "token_uri": self.token_uri,
            "universe_domain": "googleapis.com",
        }

    def issue(self, email: str, scopes: set[str] | frozenset[str]) -> str:
        """A bearer token for an address, without any flow."""
        token = "ya29." + secrets.token_urlsafe(24)
        self._tokens[token] = Caller(email, frozenset(scopes), self.clock.now() + TOKEN_SECONDS)
        return token

    def revoke_all(self) -> None:
        """Makes every token that was given out worthless."""
        self._tokens.clear()

    def caller(self, authorization: str | None) -> Caller:
        """Who an Authorization header speaks for.

        Raises:
            ApiError: 401, or 403 where there is no token at all.
        """
        if not authorization:
            raise ApiError(
                403,
                "Method doesn't allow unregistered callers (callers without established identity). "
                "Please use API Key or other form of API consumer identity to call this API.",
            )
        scheme, _, token = authorization.partition(" ")
        caller = self._tokens.get(token) if scheme == "Bearer" else None
        if caller is None or caller.expires_at < self.clock.now():
            raise ApiError(
                401,
                "Request had invalid authentication credentials. Expected OAuth 2 access token, "
                "login cookie or other valid authentication credential. See "
                "https://developers.google.com/identity/sign-in/web/devconsole-project.",
                details=[error_info("ACCESS_TOKEN_EXPIRED" if caller else "ACCESS_TOKEN_INVALID")],
                headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'},
            )
        return caller

    def exchange(self, body: bytes) -> Json:
        """The token endpoint: a form with a signed assertion in, an access token out.

        Raises:
            OAuthError: `invalid_grant` and its relatives, with Google's descriptions.
        """
        try:
            form = {name: values[0] for name, values in parse_qs(body.decode("ascii")).items()}
        except UnicodeDecodeError:
            raise OAuthError("invalid_request", "Malformed request body.") from None
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            raise OAuthError(
                "unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}"
            )
        claims = self._verified_claims(form.get("assertion", ""))
        now = self.clock.now()
        if claims.get("aud") not in (GOOGLE_TOKEN_URI, self.token_uri):
            raise OAuthError("invalid_grant", "Invalid JWT: Failed audience check.")
        issued, expires = claims.get("iat", 0), claims.get("exp", 0)
        if (
            not issued - CLOCK_SKEW_SECONDS <= now <= expires + CLOCK_SKEW_SECONDS
            or expires - issued > TOKEN_SECONDS
        ):
            raise OAuthError(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
                "timeframe. Check your iat and exp values in the JWT claim.",
            )
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes:
            raise OAuthError("invalid_scope", "Empty or missing scope not allowed.")
        token = self.issue(str(claims.get("sub") or claims["iss"]), scopes)
        return {"access_token": token, "expires_in": TOKEN_SECONDS - 1, "token_type": "Bearer"}

    def _verified_claims(self, assertion: str) -> Json:
        try:
            header_text, claims_text, signature_text = assertion.split(".")
            header = json.loads(_decoded(header_text))
            claims = json.loads(_decoded(claims_text))
            signature = _decoded(signature_text)
        except (ValueError, binascii.Error):
            raise OAuthError("invalid_grant", "Invalid JWT: malformed assertion.") from None
        key = self._keys.get(str(claims.get("iss")))
        if key is None:
            raise OAuthError("invalid_grant", "Invalid grant: account not found")
        signed = f"{header_text}.{claims_text}".encode("ascii")
        if header.get("alg") != "RS256":
            raise OAuthError("invalid_grant", "Invalid JWT Signature.")
        try:
            key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise OAuthError("invalid_grant", "Invalid JWT Signature.") from None
        verified: Json = claims
        return verified

    def impersonate(self, email: str, body: Any) -> Json:
        """`generateAccessToken` of the IAM credentials API, for any account that is known here.

        Any bearer token will do: who may impersonate whom is not modelled.

        Raises:
            ApiError: 404, there is no such account.
        """
        if email not in self._keys:
            raise ApiError(404, "Not found; Gaia id not found for email " + email)
        token = self.issue(email, frozenset(body.get("scope", [])))
        expiry = rfc3339(self.clock.now() + TOKEN_SECONDS)
        return {"accessToken": token, "expireTime": expiry}


def check_scopes(caller: Caller, accepted: set[str], method: str) -> None:
    """Refuses a token that carries none of the accepted scopes."""
    if not caller.scopes & accepted:
        raise ApiError(
            403,
            "Request had insufficient authentication scopes.",
            details=[error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", method=method)],
        )


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
