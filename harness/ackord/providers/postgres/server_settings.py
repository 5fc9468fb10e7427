"""Define the settings of both servers, as lines of ``postgresql.conf``."""

from __future__ import annotations

__all__ = ["LOGICAL", "SETTINGS"]

SETTINGS = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 140
shared_buffers = 16MB
fsync = off
full_page_writes = off
synchronous_commit = local
synchronous_standby_names = '*'
wal_level = replica
wal_keep_size = 256MB
max_wal_size = 256MB
dynamic_shared_memory_type = mmap
max_wal_senders = 10
wal_sender_timeout = 10s
wal_receiver_timeout = 10s
wal_receiver_status_interval = 1s
wal_retrieve_retry_interval = 100ms
hot_standby = on
hot_standby_feedback = on
max_standby_streaming_delay = -1
autovacuum = off
jit = off
max_parallel_workers_per_gather = 0
log_min_messages = warning
"""
# synchronous_standby_names alone makes nobody wait: sessions that keep synchronous_commit = local do not, and only
# those that ask for remote_apply do. So the same cluster serves every variant of the provider. Shared memory as files
# in the data directory goes with it, also after kill -9, which POSIX shared memory does not.

LOGICAL = """\
wal_level = logical
synchronous_standby_names = 'standby'
"""
# For a primary whose tables are copied one by one, too. Such a copy is no standby that a commit may wait for.
