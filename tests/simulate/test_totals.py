"""The full county's rows, counted, against the clauses of the documents."""

from __future__ import annotations

import polars as pl
import pytest

from pipelines.policy import Pack
from pipelines.simulate.observe import County
from pipelines.simulate.tables import Tables

FIRST_CAUSE = 37  # MH18-037..072: nine causes, each households, persons, household share, person share


@pytest.fixture(scope="session")
def number(pack: Pack):
    return lambda clause: float(pack.clauses[clause].quantity)


def at(tables: Tables, extract: str, period: str) -> pl.DataFrame:
    return tables[extract].frame(tables.laws.index(period))


def all_months(tables: Tables) -> list[str]:
    return tables.laws.periods[tables.laws.start :]


def test_the_register_gives_the_36_printed_numbers(tables: Tables, pack: Pack, number) -> None:
    poor = at(tables, "hh_register", "2017-12").filter(pl.col("poverty_status") == "未脱贫")
    assert (poor.height, poor["hh_size"].sum()) == (number("MH18-035"), number("MH18-036"))
    for i in range(9):
        clauses = [f"MH18-{FIRST_CAUSE + 4 * i + j:03d}" for j in range(4)]
        word = pack.clauses[clauses[0]].subject_zh.split("：")[0]
        of_cause = poor.filter(pl.col("cause_main") == word)
        households, persons = of_cause.height, of_cause["hh_size"].sum()
        shares = round(100 * households / poor.height, 2), round(100 * persons / poor["hh_size"].sum(), 2)
        assert [households, persons, *shares] == [number(c) for c in clauses], word


@pytest.mark.parametrize(
    ("year", "households", "persons"), [(2018, "MH18-073", "MH18-074"), (2019, "MH18-075", "MH18-076")]
)
def test_exits_of_a_year(tables: Tables, number, year: int, households: str, persons: str) -> None:
    out = at(tables, "hh_register", f"{year}-12").filter(pl.col("exit_year") == year)
    assert (out.height, out["hh_size"].sum()) == (number(households), number(persons))


def test_nobody_is_left_at_the_end_of_2019_but_who_fell_back(tables: Tables) -> None:
    statuses = at(tables, "hh_register", "2019-12")["poverty_status"].value_counts().rows()
    counts = dict(statuses)
    assert "未脱贫" not in counts
    assert 0 < counts["返贫"] < 60


def test_registered_persons_in_march_2020(tables: Tables, number) -> None:
    register = at(tables, "hh_register", "2020-03")
    registered = register.filter(pl.col("hh_type") == "建档立卡户")
    assert registered["hh_size"].sum() == number("MH20-003")
    assert 200 <= register.height - registered.height <= 300


def test_marginal_households_are_registered_from_march_2020_on(tables: Tables) -> None:
    assert "边缘户" not in at(tables, "hh_register", "2020-02")["hh_type"].to_list()


@pytest.mark.parametrize("period", ["2017-12", "2019-03", "2020-12"])
def test_the_person_register_agrees_with_household_sizes(tables: Tables, period: str) -> None:
    sizes = at(tables, "hh_register", period).select("hh_id", pl.col("hh_size").cast(pl.UInt32))
    living = at(tables, "person_register", period).filter(pl.col("person_status") != "死亡")
    counted = living.group_by("hh_id").agg(pl.len().alias("hh_size"))
    assert sizes.sort("hh_id").equals(counted.sort("hh_id"))


def test_who_died_in_a_month_is_listed_once_more_and_then_no_longer(tables: Tables) -> None:
    def dead(period: str) -> list[str]:
        return at(tables, "person_register", period).filter(pl.col("person_status") == "死亡")["person_id"].to_list()

    months = all_months(tables)
    listed = {period: dead(period) for period in months}
    assert listed[months[0]] == [] and sum(map(len, listed.values())) > 3
    for before, period, after in zip(months, months[1:], months[2:], strict=False):
        there, no_more = (set(at(tables, "person_register", p)["person_id"]) for p in (before, after))
        assert set(listed[period]) <= there and not set(listed[period]) & no_more


def test_forest_guards_of_2018_and_after(tables: Tables, number) -> None:
    guards = {p: at(tables, "public_post", p).filter(pl.col("post_type") == "生态护林员") for p in all_months(tables)}
    held = {p: listed.filter(pl.col("end_date").is_null()) for p, listed in guards.items()}
    assert {held[p].height for p in held if p.startswith("2018")} == {number("MH18-180")}
    assert all(number("MH18-180") < held[p].height < 600 for p in held if p > "2018-12")


def test_who_leaves_a_post_is_listed_with_day_and_reason_in_that_month_and_then_no_longer(tables: Tables) -> None:
    months = all_months(tables)
    posts = {period: at(tables, "public_post", period) for period in months}
    left = {period: posts[period].filter(pl.col("end_date").is_not_null()) for period in months}
    assert left[months[0]].height == 0 and sum(rows.height for rows in left.values()) > 60
    for before, period, after in zip(months, months[1:], months[2:], strict=False):
        gone = left[period]
        assert (gone["end_date"].dt.strftime("%Y-%m") == period).all()
        assert gone["end_reason"].null_count() == 0
        assert set(gone["person_id"]) <= set(posts[before]["person_id"]) - set(posts[after]["person_id"])
        assert posts[period].filter(pl.col("end_date").is_null())["end_reason"].is_null().all()


@pytest.mark.parametrize("year", [2018, 2019, 2020])
def test_what_an_asset_pays_and_the_village_keeps_is_its_income(tables: Tables, year: int) -> None:
    paid = pl.concat([at(tables, "collective_asset_share", f"{year}-{month}") for month in ("06", "12")])
    sums = paid.group_by("asset_id").agg(pl.col("share_amount").sum().alias("paid"))
    assets = at(tables, "collective_asset", f"{year}-12").join(sums, on="asset_id", how="left")
    assert assets["paid"].drop_nulls().len() > 50
    gone = assets["income"] - assets["income_kept"] - assets["paid"].fill_null(0)
    assert (gone.abs() < 0.005).all() and (assets["income_kept"] >= 0).all()
    assert (assets["income_kept"] == 0).any() and (assets["income_kept"] > 0).any()


def test_nobody_holds_two_posts_and_everybody_is_registered(tables: Tables) -> None:
    for period in all_months(tables):
        posts = at(tables, "public_post", period)
        assert posts["person_id"].is_unique().all()
    assert posts["person_id"].is_in(at(tables, "person_register", period)["person_id"].to_list()).all()


def test_key_group_houses_renovated_in_2019(tables: Tables, number) -> None:
    done = at(tables, "housing", "2019-12").filter(pl.col("done_date").dt.year() == 2019)
    assert done.height == done["hh_id"].n_unique() == number("MH18-175")
    assert done["key_group"].null_count() == 0
    assert done["house_grade"].is_in(["C级", "D级"]).all()


def test_training_and_transfers_reach_their_targets_at_the_end_of_the_plan(tables: Tables, number) -> None:
    entries = pl.concat([at(tables, "training_record", p).with_columns(period=pl.lit(p)) for p in all_months(tables)])
    assert entries["ledger_no"].is_unique().all()
    planned = entries.filter(pl.col("period") >= "2018-01")
    trained = planned.filter(pl.col("end_date").is_not_null())
    moved = planned.filter(pl.col("transferred"))
    assert number("MH18-137") < trained.height < 10_500
    assert trained["person_id"].n_unique() < 0.8 * trained.height
    assert 0 < moved.height - number("MH18-142") < 200
    before = trained.filter(pl.col("period") < "2020-10")
    assert before.height < number("MH18-137")


def test_ledger_entries_lie_in_their_month_and_name_registered_persons(tables: Tables) -> None:
    for period in ("2018-02", "2020-11"):
        entries = at(tables, "training_record", period)
        register = at(tables, "person_register", period).join(
            at(tables, "hh_register", period).select("hh_id", "hh_type"), on="hh_id"
        )
        registered = register.filter(pl.col("hh_type") == "建档立卡户")["person_id"].to_list()
        assert entries["person_id"].is_in(registered).all()
        for column in ("end_date", "transfer_date"):
            days = entries[column].drop_nulls()
            assert (days.dt.strftime("%Y-%m") == period).all()


def test_sanitary_toilets_pass_half_in_2020_by_sums_but_not_by_villages(tables: Tables, number) -> None:
    goal = number("MH18-208") / 100

    def shares(period: str) -> tuple[float, float]:
        table = at(tables, "village_sanitation", period)
        mean = (table["sanitary_toilet_hh_n"] / table["rural_hh_n"]).mean()
        return table["sanitary_toilet_hh_n"].sum() / table["rural_hh_n"].sum(), mean

    assert shares("2020-06")[0] < goal < shares("2020-12")[0]
    assert shares("2020-12")[1] < goal - 0.03


def test_relocated_households_do_not_all_meet_the_three_conditions(tables: Tables) -> None:
    relocated = at(tables, "relocation", "2020-12")
    assert relocated["site"].n_unique() == 3
    assert 120 <= relocated.height <= 140
    assert 0.7 < 1 - relocated["industry_project"].null_count() / relocated.height < 1
    workers = at(tables, "person_register", "2020-12").filter(
        pl.col("employment_status").is_in(["外出务工", "就近务工", "公益性岗位", "自主创业"])
    )
    assert 0.5 < relocated["hh_id"].is_in(workers["hh_id"].to_list()).mean() < 1


def test_settlements_each_month(tables: Tables, pack: Pack, number) -> None:
    line = number("MH20-014")
    for period in all_months(tables):
        bills = at(tables, "med_settlement", period)
        assert 240 <= bills.height <= 470
        assert bills.select("person_id", "admit_date", "settle_date").is_unique().all()
        families = bills.join(at(tables, "person_register", period).select("person_id", "hh_id"), on="person_id")
        assert families.height == bills.height
        paid = families.group_by("hh_id").agg((pl.col("self_paid_yuan") * 100).round().sum() / 100, pl.len())
        amounts = paid["self_paid_yuan"]
        assert 4 <= (amounts > line).sum() <= 35
        assert (amounts == line).sum() >= 1
        assert paid.filter((pl.col("len") == 2) & (pl.col("self_paid_yuan") == 6000)).height >= 1


def test_supported_start_ups_reach_their_target_at_the_end_of_the_plan(tables: Tables, number) -> None:
    work = at(tables, "employment", "2020-12").filter("startup_support")
    assert number("MH18-143") < work["support_date"].drop_nulls().len() < 1.3 * number("MH18-143")
    before = at(tables, "employment", "2020-01").filter("startup_support")["support_date"].drop_nulls().len()
    assert 0 < before < number("MH18-143")


def test_work_health_and_schooling_are_those_of_the_register(tables: Tables) -> None:
    period = "2019-09"
    register = at(tables, "person_register", period)
    work = at(tables, "employment", period).join(register, on="person_id")
    assert (work["status"] == work["employment_status"]).all()
    ill = at(tables, "health_case", period).join(register, on="person_id")
    assert set(ill["health_status"]) == {"长期慢性病", "患有大病"}
    disabled = at(tables, "disability", period).join(register, on="person_id")
    assert set(disabled["health_status"]) == {"残疾"}
    students = at(tables, "edu_student", period)
    assert students.height == register.filter(pl.col("school_stage") != "非在校生").height


def test_what_families_paid_is_what_the_truth_says(tables: Tables, county: County) -> None:
    t = tables.laws.index("2019-09")
    students = at(tables, "edu_student", "2019-09")
    costs = county.truth.loss["schooling"][t - 5 : t + 1].sum(axis=0)
    line = costs.max() / 2
    shocked = set(county.names["household"].filter(pl.Series(costs > line)))
    assert set(students.filter(pl.col("self_cost") > line)["hh_id"]) <= shocked
    lost = at(tables, "disaster_event", "2019-07")["loss"].sum()
    joined = county.people.households.joined <= tables.laws.index("2019-07")
    assert lost == pytest.approx(county.truth.loss["disaster"][tables.laws.index("2019-07")][joined].sum(), abs=1)


def test_payments_for_projects_since_january_are_what_the_account_of_each_fund_says(tables: Tables) -> None:
    for period in ("2018-03", "2019-12", "2020-07"):
        months = [month for month in all_months(tables) if period[:4] in month and month <= period]
        paid = pl.concat(at(tables, "fund_voucher", month) for month in months)
        account = at(tables, "fund_progress", period)
        by_fund = pl.col("amount").sum().round(2).alias("used")
        used = account.group_by("fund_type").agg(pl.col("used").sum().round(2)).filter(pl.col("used") != 0)
        assert paid.group_by("fund_type").agg(by_fund).sort("fund_type").equals(used.sort("fund_type"))
        assert (account["used"] <= account["spent"]).all() and (account["spent"] <= account["allocated"]).all()
        assert (account["allocated"] <= account["budget"]).all()
        assert set(paid["account_id"]) <= set(account["account_id"])


def test_a_helpers_visit_is_by_the_one_whom_the_register_names(tables: Tables) -> None:
    register = at(tables, "hh_register", "2019-03").select("hh_id", "helper_id", "helper_name")
    visits = at(tables, "visit_log", "2019-03").join(register, on="hh_id", how="left")
    helpers = visits.filter(pl.col("visitor_role") == tables.laws.words("visitor_role")["helper"])
    others = visits.filter(pl.col("visitor_role") != tables.laws.words("visitor_role")["helper"])
    assert helpers.height > 100 < others.height
    assert helpers["visitor_id"].equals(helpers["helper_id"]) and helpers["visitor_name"].equals(helpers["helper_name"])
    assert not (others["visitor_id"] == others["helper_id"]).any()
