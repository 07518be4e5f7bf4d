# SPDX-License-Identifier: BSL-1.0
"""How much is measured: rows and repeats of the whole benchmark, of --quick and of --small."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Plan:
    name: str
    rounds: int  # runs of each side of a pair
    batch_rounds: int  # of batch sizes, whose runs are the shortest
    procnote_rows: int
    narrow_rows: int  # of the table for batches and limits
    wide_rows: int  # of 8 KB each
    mixed_rows: int  # 99 % narrow, 1 % of 1 MB
    few_rows: int  # memory: a copy of few rows
    many_rows: int  # memory: a copy of many rows; also the table of the first and the last page
    batch_sizes: tuple[int, ...]
    batch_mib: tuple[int, ...]  # what adaptive batches aim at
    jobs: tuple[int, ...]
    policy_rounds: int
    page_rounds: int
    page_rows: int
    include_rounds: int
    engine_rows: tuple[int, int]
    optional_peers: bool  # also those without a goal
    settle_seconds: float  # how long to wait at most until the servers are idle


whole = Plan("whole", rounds=5, batch_rounds=9, procnote_rows=561_000, narrow_rows=1_000_000, wide_rows=30_000,
             mixed_rows=20_000, few_rows=100_000, many_rows=10_000_000, batch_sizes=(100, 500, 1_500, 5_000, 15_000, 50_000),
             batch_mib=(1, 2, 4, 8, 16), jobs=(1, 2, 3, 4), policy_rounds=9, page_rounds=41, page_rows=5_000,
             include_rounds=15, engine_rows=(30_500, 60_500), optional_peers=True, settle_seconds=15)
quick = Plan("quick", rounds=3, batch_rounds=5, procnote_rows=140_000, narrow_rows=200_000, wide_rows=6_000,
             mixed_rows=4_000, few_rows=100_000, many_rows=1_000_000, batch_sizes=(500, 5_000, 50_000), batch_mib=(1, 4, 16),
             jobs=(1, 2, 3, 4), policy_rounds=5, page_rounds=21, page_rows=5_000, include_rounds=5,
             engine_rows=(5_500, 10_500), optional_peers=False, settle_seconds=3)
small = Plan("small", rounds=1, batch_rounds=1, procnote_rows=500, narrow_rows=500, wide_rows=20, mixed_rows=100,
             few_rows=200, many_rows=1_000, batch_sizes=(50, 500), batch_mib=(1,), jobs=(1, 2), policy_rounds=1, page_rounds=1,
             page_rows=100, include_rounds=1, engine_rows=(1_500, 2_500), optional_peers=True, settle_seconds=0)
plans = {plan.name: plan for plan in (whole, quick, small)}
