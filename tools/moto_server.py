# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The sqsherd authors
"""moto_server that answers one request at a time.

moto serves each request in a thread, but its queues are lists that no lock
guards: a receive that walks over the messages while another thread deletes one
skips the next, or hands it out twice.  SQS does not lose messages, so what is
tested or shown against moto needs a moto that does not either.  A receive that
waits for a message lets the others in.
"""
import threading

from moto import server
from moto.sqs.models import Queue

lock = threading.Lock()
wait_for_messages = Queue.wait_for_messages


def wait_unlocked(queue, timeout):
    lock.release()
    try:
        wait_for_messages(queue, timeout)
    finally:
        lock.acquire()


class OneAtATime(server.DomainDispatcherApplication):
    def __call__(self, environ, start_response):
        with lock:
            return super().__call__(environ, start_response)


Queue.wait_for_messages = wait_unlocked
server.DomainDispatcherApplication = OneAtATime
server.main()
