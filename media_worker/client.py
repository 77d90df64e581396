"""The only file that speaks HTTP to the app."""

from __future__ import annotations

from types import TracebackType
from typing import Self, TypeVar

import aiohttp

from media_worker.contract import (
    PREFIX,
    Beat,
    BeatAnswer,
    ContractError,
    Ended,
    Hello,
    Message,
    PublishGranted,
    PublishRequest,
    Pulse,
    Refusal,
    RefusalCode,
    Started,
    Welcome,
)
from media_worker.ingest import PublishRefused

PATIENCE_S = 5.0
"""Maximum seconds for an answer, beyond the time for which the app was asked to hold the request."""

IDLE_S = 1.0
"""Seconds for which an idle connection is kept: less than the two after which gunicorn closes it."""

M = TypeVar("M", bound=Message)


class AppUnreachable(Exception):
    """The app did not answer, or its answer breaks the contract."""


class AppClient:
    """Sends the contract's messages to the app. `async with` opens and closes the connection pool."""

    def __init__(self, app_url: str, secret: str) -> None:
        self._base = app_url + PREFIX
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # the app's server may close a connection that idles for longer just as we use it again
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_S)
        self._session = aiohttp.ClientSession(headers=self._headers, connector=connector)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def hello(self, message: Hello) -> Welcome:
        """Ask which streams are not finished. Raises AppUnreachable."""
        return await self._ask("/hello", message, Welcome)

    async def pulse(self, message: Pulse) -> Welcome:
        """Report that the worker is alive, and ask for orphans. Raises AppUnreachable."""
        return await self._ask("/pulse", message, Welcome)

    async def publish(self, message: PublishRequest) -> PublishGranted:
        """Ask whether a key may publish. Raises PublishRefused, AppUnreachable."""
        return await self._ask("/publish", message, PublishGranted)

    async def started(self, stream: str, message: Started) -> None:
        """Report the first segment of a run. Raises PublishRefused, AppUnreachable."""
        await self._post(f"/streams/{stream}/started", message)

    async def beat(self, stream: str, message: Beat) -> BeatAnswer:
        """Report the state of a stream and fetch new rules. Raises PublishRefused, AppUnreachable."""
        return await self._ask(f"/streams/{stream}/beat", message, BeatAnswer, hold_ms=message.hold_ms)

    async def ended(self, stream: str, message: Ended) -> None:
        """Report that a run is over or a stream is finished. Raises PublishRefused, AppUnreachable."""
        await self._post(f"/streams/{stream}/ended", message)

    async def _ask(self, path: str, message: Message, answer: type[M], hold_ms: int = 0) -> M:
        data = await self._post(path, message, hold_ms)
        try:
            return answer.from_json(data)
        except ContractError as error:
            raise AppUnreachable(f"{path}: {error}") from None

    async def _post(self, path: str, message: Message, hold_ms: int = 0) -> object:
        if self._session is None:
            raise RuntimeError("AppClient is used outside its `async with`")
        timeout = aiohttp.ClientTimeout(total=hold_ms / 1000 + PATIENCE_S)
        try:
            async with self._session.post(self._base + path, json=message.to_json(), timeout=timeout) as answer:
                if answer.status == 204:
                    return None
                if answer.status not in (200, 403, 409):
                    raise AppUnreachable(f"{path}: status {answer.status}")
                data: object = await answer.json()
        except (TimeoutError, aiohttp.ClientError, ValueError, OSError) as error:
            raise AppUnreachable(f"{path}: {type(error).__name__} {error}") from None
        if answer.status == 200:
            return data
        raise PublishRefused(_refusal(data))


def _refusal(data: object) -> Refusal:
    try:
        return Refusal.from_json(data)
    except ContractError:
        return Refusal(RefusalCode.STALE_RUN, "The app refused without a reason.")
