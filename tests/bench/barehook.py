"""Contestant: a bare receiver. FastAPI and uvicorn as ours, a signature checked, and 200.

Prints its port; what it is sent goes nowhere. Ends on SIGTERM.
"""

from __future__ import annotations

import hashlib
import hmac
import socket
import sys

import uvicorn
from fastapi import FastAPI, Request, Response

from tests.receiver.events import SECRET

app = FastAPI()


@app.post("/hooks/x")
async def hook(request: Request) -> Response:
    """Check the signature, and forget."""
    made = hmac.new(SECRET.encode(), await request.body(), hashlib.sha256).hexdigest()
    given = request.headers.get("x-hub-signature", "")
    return Response(status_code=200 if hmac.compare_digest(given, f"sha256={made}") else 403)


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(app, log_config=None, access_log=False)
        uvicorn.Server(config).run([listening])
