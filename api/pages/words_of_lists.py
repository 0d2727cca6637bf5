"""The words of the menu and of what every list has 菜单和列表文字."""

LIST_WORDS: dict[str, tuple[str, str]] = {
    "other_language": ("English", "中文"),
    "switches": ("显示方式", "Display"),
    "pages": ("页面", "Pages"),
    "show": ("查看", "Show"),
    "error_where": ("位置", "Where"),
    "error_todo": ("怎么办", "What to do"),
    "back_home": ("回到事故列表", "Back to the accidents"),
    "menu": ("菜单", "Menu"),
    "menu.close": ("收起菜单", "Close the menu"),
    "menu.work": ("日常工作", "Daily work"),
    "menu.hazards": ("隐患台账", "Hazards"),
    "menu.reports": ("月报与零报告", "Monthly reports"),
    "menu.tracing": ("倒查", "Tracing"),
    "menu.what_if": ("改设置重判", "What if"),
    "menu.rules": ("规则", "Rules"),
    "menu.public": ("面向社会", "For everybody"),
    "list.ask": ("查询", "Show"),
    "list.export": ("导出Excel", "As a spreadsheet"),
    "list.pages": ("翻页", "Pages of the list"),
    "list.first": ("回到第一页", "First page"),
    "list.next": ("下一页", "Next page"),
    "list.as_of": (
        "数据截至 {at} · 第 {position} 条事实",
        "Data as of {at} · up to fact {position}",
    ),
}
