"""Why a cell is refused and what to do about it, in the words that go back to a department."""

from __future__ import annotations

from dataclasses import dataclass

# What a return slip adds to a department's own sheets, and what the reader therefore passes over when one is sent back.
LETTER, FAULTS = "上报数据退回单", "退回问题清单"
REASON, ORIGINAL_ROW = "退回单·退回原因", "退回单·原行号"


@dataclass(frozen=True)
class Refusal:
    """A named fault of a cell or a file, its Chinese sentence and its remedy. Holds no value of the cell."""

    rule: str
    message: str
    remedy: str


_WORDS = {
    "missing_value": ("必填项为空", "请补填后重报"),
    "only_a_dash": ("必填项只写了横线或斜线", "请补填后重报"),
    "only_none": ("必填项写的是“无”", "请补填后重报"),
    "cell_error": ("单元格是公式的错误值", "请在 Excel 中改正公式，或直接填写内容后重报"),
    "not_calculated": ("单元格是没有计算结果的公式", "请用 Excel 打开、重新计算并保存，或直接填写内容后重报"),
    "too_long": ("单元格内容过长", "请核对是否把多个单元格粘到了一起"),
    "id_in_key": ("编号列写的是身份证号", "请改填编号，身份证号只写在身份证号列"),
    "not_a_number": ("不是数字", "请只填数字，文字说明写在备注中"),
    "not_an_integer": ("不是整数", "请填整数"),
    "not_a_date": ("不是日期", "请按 2020-03-05 的格式填写到日"),
    "month_without_day": ("只写到月，没有日", "请按 2020-03-05 的格式填写到日"),
    "not_a_month": ("不是年月", "请按 2020-03 的格式填写"),
    "january_or_october": (
        "分不清是 1 月还是 10 月（按数字保存会丢掉 10 月的 0）",
        "请按 2020-01 或 2020-10 的格式填写",
    ),
    "not_yes_no": ("不是“是”或“否”", "请填“是”或“否”"),
    "id_check_digit": ("公民身份号码校验位不对", "请按身份证原件核对第18位后重报"),
    "id_lost_digits": ("号码按数字保存，后几位已丢失", "请把该列设为文本格式，按原件重新录入后重报"),
    "id_malformed": ("号码位数、字符或出生日期不对", "请按证件原件或户编号台账核对后重报"),
    "amount_too_large": ("金额过大", "请核对金额和单位"),
}
_RULES = {
    "not_calculated": "cell_error",
    "only_a_dash": "missing_value",
    "only_none": "missing_value",
    "not_an_integer": "not_a_number",
    "month_without_day": "not_a_date",
    "january_or_october": "not_a_month",
    "not_yes_no": "unknown_code",
    "amount_too_large": "out_of_range",
}


def refusal(words: str) -> Refusal:
    """The refusal of that name, in its standing words."""
    return _REFUSALS[words]


_REFUSALS = {name: Refusal(_RULES.get(name, name), *words) for name, words in _WORDS.items()}
