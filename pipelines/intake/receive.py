"""Taking files in: from the landing folder to archive, raw Parquet and ledger. How a file is read is reader's, table's and types' work."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from pipelines.findings import Finding
from pipelines.intake import archive, vault
from pipelines.intake.address import SHEET, SUBMISSION
from pipelines.intake.ahead import MANY, Received, Tools, in_order
from pipelines.intake.check import KEY_SEPARATOR, Checked
from pipelines.intake.contract import Contract, check_codes
from pipelines.intake.keys import open_keys
from pipelines.intake.ledger import UNRECOGNISED, Ledger, Submission
from pipelines.intake.slips import slip, slip_name, to_mend
from pipelines.intake.table import Headers
from pipelines.policy import Pack
from pipelines.settings import Settings

_SUFFIXES = (".xlsx", ".xls", ".csv", ".txt", ".et", ".xlsm")
_HIDDEN = re.compile(r"/(?:\.|~\$)")
_ROWS_NAMED = 10  # rows that a finding names one by one
_UNDECODED = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True)
class _Landed:
    """A file in the landing folder and what can be said of it without reading it all; one for each extract in it."""

    path: Path
    period: str
    received_at: str
    sha256: str
    extract: str | None

    @property
    def name(self) -> str:
        return _name(self.path)


_Seen = tuple[str, int, int, str]  # path, time, size, fingerprint of the contracts
_recognised: dict[_Seen, tuple[str, list[str]]] = {}


def take_in(
    settings: Settings,
    pack: Pack,
    contracts: Mapping[str, Contract],
    months: Iterable[str],
    departments: set[str] | None = None,
    progress: Callable[[Submission], None] | None = None,
) -> list[Submission]:
    """Take in what lies in the landing folders of these months, for these departments (all, when None); returns what was new.

    Files that no contract recognises belong to the department ``unrecognised``; names that start with ``.`` or ``~$`` are
    passed over. So is a file whose bytes the ledger already has for that extract and month, unless it was refused under a
    contract that has changed since. A bad file is refused with findings and the others go on. ``progress`` hears of each.
    Whom an accepted file names goes into the vault; nothing else of a person leaves this function in the clear.
    Raises KeyTrouble, VaultError, and ContractError when a contract needs codes or departments that the pack lacks.
    """
    check_codes(contracts.values(), pack.codes, pack.departments)
    fingerprint = "".join(c.sha256 for c in contracts.values())
    tools = Tools(pack, contracts, open_keys(settings).pseudonyms)
    headers = tools.headers
    taken = []
    with Ledger(settings.ledger) as ledger:
        landed = sorted(_landed(settings, months, tools, fingerprint), key=lambda f: (f.received_at, str(f.path)))
        files = [f for f in landed if departments is None or _department(f, contracts) in departments]
        for file, data, checked, named in _read(files, ledger, contracts, tools):
            contract, department = _contract(file, contracts), _department(file, contracts)
            with ledger.writing():
                submission = _submission(ledger, file, len(data), contract, department, checked)
                keys = open_keys(settings)  # again: while this file was read, the keys may have been rotated
                archive.keep(settings, keys, submission.sha256, submission.suffix, data)
                if submission.state == "accepted":
                    vault.record(settings.vault, keys.vault, named, submission.number)
                    _keep(raw_file(settings, submission), _parquet(checked.accepted, submission))
                    if checked.quarantined.height:
                        _keep(
                            raw_file(settings, submission, quarantine=True), _parquet(checked.quarantined, submission)
                        )
                withdrawn = _withdrawn(settings, ledger, submission, contract, checked)
                findings = list(_addressed([*checked.findings, *withdrawn], submission, pack.area))
                _send_back(settings, submission, data, findings, contract, headers, pack)
                ledger.record(submission, findings)
            taken.append(submission)
            if progress:
                progress(submission)
    return taken


def archived(settings: Settings, submission: Submission) -> bytes:
    """The original bytes of a submission. Raises ArchiveError, KeyTrouble."""
    return archive.received(settings, submission.sha256, submission.suffix)


def raw_file(settings: Settings, submission: Submission, *, quarantine: bool = False) -> Path:
    """Where the accepted rows of an accepted submission lie (or the quarantined ones, when it has any)."""
    ending = ".quarantine.parquet" if quarantine else ".parquet"
    return settings.raw / str(submission.extract) / f"{submission.number}{ending}"


def return_slip(settings: Settings, pack: Pack, contracts: Mapping[str, Contract], number: int) -> Path | None:
    """Write the return slip of a submission again and say where it lies; None when there is nothing to mend in it.

    Raises KeyError when there is no submission of that number.
    """
    with Ledger(settings.ledger) as ledger:
        submission, findings = ledger.submission(number), ledger.findings(submission=number)
    contract = contracts.get(submission.extract or "")
    data = archived(settings, submission)
    return _send_back(settings, submission, data, findings, contract, Headers(contracts), pack)


def _send_back(
    settings: Settings,
    submission: Submission,
    data: bytes,
    findings: list[Finding],
    contract: Contract | None,
    headers: Headers,
    pack: Pack,
) -> Path | None:
    if not to_mend(findings):
        return None
    path = settings.slips / submission.period / slip_name(submission, contract, pack)
    content = slip(data, submission, findings, contract, headers, pack)
    _keep(path, lambda to: to.write_bytes(content))
    path.chmod(0o600)
    return path


def _landed(settings: Settings, months: Iterable[str], tools: Tools, fingerprint: str) -> Iterator[_Landed]:
    found: list[tuple[Path, str, str, _Seen]] = []
    for month in sorted(set(months)):
        folder = settings.landing / month
        for path in folder.rglob("*"):
            if _HIDDEN.search(str(path)[len(str(folder)) :]) or not path.is_file():
                continue
            about = path.stat()
            received = datetime.fromtimestamp(int(about.st_mtime), UTC).isoformat(timespec="seconds")
            found.append((path, month, received, (str(path), about.st_mtime_ns, about.st_size, fingerprint)))
    new = [(seen, (path, _name(path))) for path, _, _, seen in found if seen not in _recognised]
    _recognised.update(in_order(tools, Tools.recognise, new, many=len(new) >= MANY))
    for path, month, received, seen in found:
        sha256, extracts = _recognised[seen]
        yield from (_Landed(path, month, received, sha256, extract) for extract in extracts or (None,))


def _read(
    files: Sequence[_Landed], ledger: Ledger, contracts: Mapping[str, Contract], tools: Tools
) -> Iterator[tuple[_Landed, bytes, Checked, dict[str, str]]]:
    """The files that are new, their bytes, what is in them and whom they name."""

    def new(file: _Landed) -> bool:
        return not _known(ledger, file, _contract(file, contracts))

    def questions() -> Iterator[tuple[tuple[_Landed, bytes], tuple[Received]]]:
        for file in filter(new, files):
            data = file.path.read_bytes()
            yield (file, data), (Received(data, file.name, file.period, file.extract),)

    many = len(files) >= MANY and sum(map(new, files)) >= MANY
    for (file, data), (checked, named) in in_order(tools, Tools.read, questions(), many=many):
        if new(file):  # the same bytes may have come twice
            yield file, data, checked, named


def _contract(file: _Landed, contracts: Mapping[str, Contract]) -> Contract | None:
    return contracts[file.extract] if file.extract else None


def _department(file: _Landed, contracts: Mapping[str, Contract]) -> str:
    contract = _contract(file, contracts)
    return contract.department if contract else UNRECOGNISED


def _name(path: Path) -> str:
    """The name of a file as text; bytes that are no UTF-8, as old archives unpack to, are read as Chinese ones."""
    return os.fsencode(path.name).decode("gb18030", "replace") if _UNDECODED.search(path.name) else path.name


def _known(ledger: Ledger, file: _Landed, contract: Contract | None) -> bool:
    same = [s for s in ledger.submissions(period=file.period, sha256=file.sha256) if s.extract == file.extract]
    again = contract is not None and all(s.state == "refused" and s.contract_sha256 != contract.sha256 for s in same)
    return bool(same) and not again


def _submission(
    ledger: Ledger,
    file: _Landed,
    size: int,
    contract: Contract | None,
    department: str,
    checked: Checked,
) -> Submission:
    accepted = 0 if checked.refused else checked.accepted.height
    errors = [f.message for f in checked.findings if f.severity == "error"]
    return Submission(
        number=ledger.next_number(),
        extract=file.extract,
        department=department,
        period=file.period,
        area=checked.area,
        revision=ledger.next_revision(file.extract, file.period, checked.area),
        file=file.name,
        sha256=file.sha256,
        suffix=suffix if (suffix := file.path.suffix.lower()) in _SUFFIXES else "",
        bytes=size,
        received_at=file.received_at,
        state="refused" if checked.refused else "accepted",
        reason="；".join(dict.fromkeys(errors)),
        rows_sheet=checked.sheet_rows,
        rows_accepted=accepted,
        rows_quarantined=checked.data_rows - accepted,
        rows_skipped=sum(checked.skipped.values()),
        skipped=checked.skipped,
        sheets=checked.sheets,
        headers=checked.headers,
        contract_sha256=contract.sha256 if contract else "",
    )


def _withdrawn(
    settings: Settings, ledger: Ledger, submission: Submission, contract: Contract | None, checked: Checked
) -> Iterator[Finding]:
    """What a correction of events takes back, because it replaces the whole file: a count to date falls only for a reason.

    The reason is whoever waives the finding's. Rows that the correction has among its refused ones are not taken back.
    """
    if contract is None or contract.kind != "events" or contract.corrected_by != "whole" or checked.refused:
        return
    accepted = ledger.submissions(period=submission.period, extract=contract.extract, state="accepted")
    earlier = [s for s in accepted if s.area == submission.area]
    if not earlier:
        return
    keys = pl.concat_str([pl.col(k).cast(pl.String) for k in contract.key], separator=KEY_SEPARATOR).alias("_key")
    before = pl.read_parquet(raw_file(settings, earlier[-1]), columns=[*contract.key, "_row"]).with_columns(keys)
    now = [part for part in (checked.accepted, checked.quarantined) if part.height]
    there = pl.concat([part.select("_key" if "_key" in part.columns else keys) for part in now]) if now else None
    gone = before.filter(~pl.col("_key").is_in(there["_key"].to_list())) if there is not None else before
    if gone.height:
        rows = "、".join(map(str, gone["_row"].to_list()[:_ROWS_NAMED])) + (
            " 行等" if gone.height > _ROWS_NAMED else " 行"
        )
        yield Finding(
            source="intake",
            rule="rows_withdrawn",
            severity="warning",
            message=f"更正后少了 {gone.height} 条记录，前一件（{earlier[-1].file}）第 {rows}不再计入",
            remedy="误删的请补回后重报全表；确需撤回的，请说明理由，由统计员用 fangpin gate waive 登记",
            extract=contract.extract,
            period=submission.period,
            file=submission.file,
        )


def _addressed(findings: Iterable[Finding], submission: Submission, everywhere: str) -> Iterator[Finding]:
    """Findings with the submission they are about; those about all of it are about its area."""
    for finding in findings:
        area = submission.area if finding.severity == "error" and submission.area != everywhere else finding.area
        yield replace(finding, submission=submission.number, department=submission.department, area=area)


def _parquet(rows: pl.DataFrame, submission: Submission) -> Callable[[Path], None]:
    """A writer of rows with their lineage columns, sorted by ``_source``."""
    source = pl.lit(submission.number, pl.Int64) * SUBMISSION + pl.col("_sheet").cast(pl.Int64) * SHEET + pl.col("_row")
    frame = rows.with_columns(
        pl.lit(submission.number, pl.Int32).alias("_submission"),
        pl.lit(submission.period).alias("_period"),
        source.alias("_source"),
    )
    ordered = frame if frame["_source"].is_sorted() else frame.sort("_source")
    return lambda to: ordered.write_parquet(to, compression="zstd")


def _keep(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    write(part)
    part.replace(path)
