//! Texts of the list of keys.

use super::catalogue::{Text, texts};

texts! {
    /// Texts of the list of keys.
    Keyboard {
        title: Text = "Keyboard shortcuts", "键盘快捷键";
        general: Text = "Everywhere", "全局";
        on_board: Text = "On the board", "在看板上";
        on_card: Text = "On a card", "在卡片上";
        help: Text = "Show shortcuts", "显示快捷键";
        search: Text = "Search", "搜索";
        add: Text = "Add a task", "添加任务";
        close: Text = "Close or cancel", "关闭/取消";
        neighbour: Text = "Next or previous card", "上一张或下一张卡片";
        column: Text = "Column to the left or right", "左侧或右侧的列";
        open: Text = "Open", "打开";
        pick_up: Text = "Pick up; arrows move, Space drops", "拿起；方向键移动，空格放下";
        move_to: Text = "Move to…", "移动到…";
        move_at_once: Text = "Move one column", "移动一列";
        undo: Text = "Undo the last move", "撤销上一次移动";
        go_board: Text = "Go to the board", "前往看板";
        go_agents: Text = "Go to the agents", "前往智能体";
        go_activity: Text = "Go to the activity", "前往动态";
        letters: Text = "Single-key shortcuts", "启用单键快捷键";
        letters_hint: Text = "Turn this off if speech input or accidental key presses trigger them. Arrows, Space, Enter and keys with Shift or Ctrl keep working.", "如语音输入或误触会触发快捷键，请关闭。方向键、空格、回车以及 Shift、Ctrl 组合键不受影响。";
        space: Text = "Space", "空格";
    }
}
