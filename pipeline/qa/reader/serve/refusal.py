"""Why a request is not answered, as HTTP says it."""

from __future__ import annotations

from http import HTTPStatus

from pipeline.errors import InputError


class RefusedError(InputError):
    """A request that is not answered: its status, and what is wrong with it, which quotes nothing of it."""

    def __init__(self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.status = status
