//! Texts that many places use.

use super::catalogue::{Text, texts};

texts! {
    /// Texts that many places use.
    Common {
        save: Text = "Save", "保存";
        cancel: Text = "Cancel", "取消";
        close: Text = "Close", "关闭";
        delete: Text = "Delete", "删除";
        edit: Text = "Edit", "编辑";
        undo: Text = "Undo", "撤销";
        open: Text = "Open", "打开";
        more: Text = "More actions", "更多操作";
        copy: Text = "Copy", "复制";
        copied: Text = "Copied", "已复制";
        copy_failed: Text = "The browser does not allow copying here. The text is selected: copy it by hand.", "浏览器不允许在此处复制。文字已选中，请手动复制。";
        discard_question: Text = "Discard your changes?", "要丢弃已输入的内容吗？";
        discard: Text = "Discard", "丢弃";
        keep_writing: Text = "Keep editing", "继续编辑";
        dismiss: Text = "Dismiss", "忽略";
        clear: Text = "Clear", "清空";
        loading: Text = "Loading", "加载中";
        retry: Text = "Retry", "重试";
        list_comma: Text = ", ", "、";
        just_now: Text = "just now", "刚刚";
        a_person: Text = "a person", "用户";
        the_server: Text = "the server", "服务器";
        reload: Text = "Reload the page", "重新加载页面";
    }
}
