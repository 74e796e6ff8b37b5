"""The back office's password: only its hash is known."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12  # letters
LONGEST = 1000
# Each takes 64 MB and a processor for a moment: however many try to sign in, the shop keeps the rest.
_verifying = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argon2")


def hash_password(password: str) -> str:
    return PasswordHasher().hash(password)


async def fits(password: str, password_hash: str) -> bool:
    """Takes as long for a wrong password as for the right one."""
    if len(password) > LONGEST:
        return False
    return await asyncio.get_running_loop().run_in_executor(_verifying, _fits, password, password_hash)


def _fits(password: str, password_hash: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
