"""An echo on PyPI's `websockets`. Arguments: port, file of received texts."""

import asyncio
import json
import re
import signal
import sys

from websockets.asyncio.server import ServerConnection, serve

CLOSE = re.compile(r"/close (\d{4}) ?(.*)", re.DOTALL)


async def main(port: int, received: str) -> None:
    async def answer(client: ServerConnection) -> None:
        async for message in client:
            if isinstance(message, str):
                with open(received, "a", encoding="utf-8") as file:
                    file.write(json.dumps(message) + "\n")
                if close := CLOSE.fullmatch(message):
                    await client.close(int(close[1]), close[2])
                    return
            await client.send(message)

    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with serve(answer, "127.0.0.1", port):
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
