//! Texts of the board's search.

use super::catalogue::{Pair, Text, With, texts};

texts! {
    /// The search field of the board, and what is wrong with a query.
    Search {
        label: Text = "Search tasks", "搜索任务";
        hint: Text = "Words, \"a phrase\", label:ui, status:todo, agent:ada, priority:<=2, is:blocked. A minus sign excludes: -label:ui", "关键词、\"完整短语\"、label:ui、status:todo、agent:ada、priority:<=2、is:blocked。前面加减号表示排除：-label:ui";
        unfiltered: With = |fault| format!("{fault} All tasks are shown."), |fault| format!("{fault}当前显示所有任务。");
        unknown_key: Pair = |word, known| format!("“{word}:” is not a condition. Try {known}, or put the text in quotation marks."), |word, known| format!("“{word}:”不是筛选条件。可用：{known}；若是普通文字，请加引号。");
        unknown_value: Pair = |value, known| format!("“{value}” is not a known value. Try {known}."), |value, known| format!("“{value}”不是可用的值。可用：{known}。");
        missing_value: With = |key| format!("Write a value right after “{key}”."), |key| format!("请在“{key}”后面直接填写值。");
        open_quote: Text = "A quotation mark is missing.", "缺少一个引号。";
        not_a_number: With = |value| format!("“{value}” is not a priority. Write a number such as 1, or <=2."), |value| format!("“{value}”不是优先级。请填写数字，例如 1 或 <=2。");
        too_many: Text = "The search has too many conditions.", "搜索条件过多。";
        not_known: With = |state| format!("“is:{state}” is not available on the board yet."), |state| format!("看板暂不支持“is:{state}”。");
        needs_sign_in: Text = "“is:mine” needs a sign-in.", "使用“is:mine”需要先登录。";
    }
}
