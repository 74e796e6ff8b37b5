"""A certificate for Stripe's host names, signed by itself: worth something only to who is told to trust it."""

import subprocess
from pathlib import Path

NAMES = ("stripe.com", "*.stripe.com", "*.js.stripe.com", "m.stripe.network", "localhost")
EXTENSIONS = (
    "subjectAltName=" + ",".join([*(f"DNS:{name}" for name in NAMES), "IP:127.0.0.1"]),
    "keyUsage=critical,digitalSignature,keyCertSign",
    "extendedKeyUsage=serverAuth",
)


class NoCertificate(Exception):
    """There is none, and none could be made."""


def certificate_in(folder: Path) -> tuple[Path, Path]:
    """cert.pem and key.pem of the folder, made when one of them is missing. Raises NoCertificate."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    if not (certificate.exists() and key.exists()):
        _make(certificate, key)
    return certificate, key


def _make(certificate: Path, key: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "825"]
    command += ["-subj", "/CN=Stripe sandbox", "-keyout", str(key), "-out", str(certificate)]
    for extension in EXTENSIONS:
        command += ["-addext", extension]
    try:
        certificate.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  no words from outside
    except FileNotFoundError as error:
        raise NoCertificate(
            f"There is no openssl on the PATH to make a certificate with: install it, or put cert.pem and key.pem "
            f"into {certificate.parent}."
        ) from error
    except OSError as error:
        raise NoCertificate(f"{error.filename} cannot be written: {error.strerror}.") from error
    except subprocess.CalledProcessError as error:
        reason = (error.stderr or "it did not say why").strip().splitlines()[-1]
        raise NoCertificate(f"openssl made no certificate in {certificate.parent}: {reason}") from error
    key.chmod(0o600)
