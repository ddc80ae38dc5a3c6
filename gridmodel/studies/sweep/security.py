"""Key of a cluster that is started for one sweep, so that nobody else on the machine can talk to it."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed.security import Security

VALID = timedelta(days=3650)
"""Time for which a key is valid before and after now. Ours: a clock that is set while a sweep runs must not stop it;
the key is forgotten with the process."""


def temporary_security() -> Security:
    """Return TLS settings with a new key, which exists in the memory of the processes of this sweep only.

    Dask does the same in `Security.temporary`, with a certificate that is not valid if the clock is set back.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from distributed.security import Security

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gridmodel sweep")])
    now = datetime.now(tz=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - VALID)
        .not_valid_after(now + VALID)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()
    public = made.public_bytes(serialization.Encoding.PEM).decode()
    return Security(  # type: ignore[no-untyped-call]
        require_encryption=True, tls_min_version=ssl.TLSVersion.TLSv1_3, tls_ca_file=public,
        tls_client_key=private, tls_client_cert=public, tls_scheduler_key=private, tls_scheduler_cert=public,
        tls_worker_key=private, tls_worker_cert=public,
    )  # fmt: skip
