"""A receiver in plain Python: python3 examples/webhooks/receiver.py 9000
The secret comes from the environment: TRUNKLINE_WEBHOOK_SECRET=whsec_..."""
import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["TRUNKLINE_WEBHOOK_SECRET"].removeprefix("whsec_"))
seen = set()  # in earnest: a table with the id as its key


def authentic(headers, body):
    ident, seconds = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "0")
    if abs(time.time() - int(seconds)) > 300:
        return False
    signed = f"{ident}.{seconds}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(wanted, one) for one in headers.get("webhook-signature", "").split())


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if not authentic(self.headers, body):
            self.send_response(401)
        else:
            # The same event may come twice: take it once, and answer 2xx both times.
            if self.headers["webhook-id"] not in seen:
                seen.add(self.headers["webhook-id"])
                event = json.loads(body)
                data = event["data"]
                print(event["type"], data.get("taskId", ""), data.get("disposition", ""), flush=True)
            self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9000), Receiver)
    print(f"listening on {server.server_address[1]}", flush=True)
    server.serve_forever()
