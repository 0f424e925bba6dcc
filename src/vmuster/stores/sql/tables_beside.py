"""The tables of what stands beside the fleet, and refers to none of its rows: keys and secrets, who
is told, answers to repeat, accounts that are settled. For the rest see `tables`.
"""

from typing import Final

from sqlalchemy import Column, Double, Index, Table, Text

from vmuster.stores.sql.columns import BIG, METADATA, columns, version

API_KEY: Final = Table(
    "api_key",
    METADATA,
    Column("name", Text, primary_key=True),
    *columns(Text, "digest"),
    *columns(Double, "created_at"),
    *columns(Text, "scope", default="'admin'"),
    *columns(Text, "created_by", default="''"),
    *columns(Double, "expires_at", "last_used_at", null=True),
    *version(),
)
Index("ix_api_key_digest", API_KEY.c.digest)

# `sealed` is base64 of what is encrypted with a key that no database holds.
CREDENTIAL: Final = Table(
    "credential",
    METADATA,
    Column("name", Text, primary_key=True),
    *columns(Text, "kind", "sealed", "public"),
    *columns(Double, "created_at"),
    *version(),
)

# `sealed` as above.
WEBHOOK: Final = Table(
    "webhook",
    METADATA,
    Column("name", Text, primary_key=True),
    *columns(Text, "url", "sealed", "kinds", "trouble"),
    *columns(BIG, "delivered", "failures"),
    *columns(Double, "created_at"),
    *columns(Double, "tried_at", null=True),
    *version(),
)

REQUEST_ANSWER: Final = Table(
    "request_answer",
    METADATA,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    *columns(Text, "digest", "body", "location"),
    *columns(BIG, "status"),
    *columns(Double, "created_at"),
    *version(),
)
Index(
    "ix_request_answer_created_at_actor_key",
    REQUEST_ANSWER.c.created_at,
    REQUEST_ANSWER.c.actor,
    REQUEST_ANSWER.c.key,
)

SETTLED: Final = Table(
    "settled",
    METADATA,
    Column("host", Text, primary_key=True),
    *columns(Text, "digest", "seal"),
    *columns(Double, "judged_at"),
    *version(),
)
