//! Texts about the connection: they state the truth, never more.

use super::catalogue::{Count, Pair, Text, With, texts};

texts! {
    /// Texts about the connection to the server.
    Connection {
        explain_live: Text = "Every change reaches this page as it happens.", "所有变更都会实时到达此页面。";
        explain_connecting: Text = "Waiting for the server's answer.", "正在等待服务器回应。";
        explain_catching_up: Text = "Reading the changes since the connection was lost.", "正在读取断线期间的变更。";
        explain_waiting: Text = "The connection was lost. The board may be out of date. The page reconnects automatically.", "连接已断开，显示的内容可能已过期；页面会自动重连。";
        explain_offline: Text = "This device has no network. The page shows the state from before it went offline.", "此设备没有网络，显示的是断网前的内容。";
        explain_degraded: Text = "The server sends updates with gaps; the page reloads the whole board from time to time.", "服务器的更新出现缺口，页面会不时重新获取整个看板。";
        explain_compatible: Text = "This older server has no ordered updates, so the board fetches its tasks again after each change.", "服务器版本较旧，没有有序更新；每次变更后看板会重新获取任务。";
        explain_polling_refused: Text = "WebSocket connections do not open here: a proxy or a browser extension may block them. Changes are fetched every few seconds over HTTP and sent the same way; the page keeps trying to connect.", "此处无法建立 WebSocket 连接，可能被代理或浏览器扩展拦截。页面每隔几秒通过 HTTP 获取变更，并以同样方式发送变更，同时会继续尝试连接。";
        explain_polling_silent: Text = "WebSocket connections open here, but nothing comes through: a proxy may hold it back. Changes are fetched every few seconds over HTTP and sent the same way; the page keeps trying to connect.", "此处可以建立 WebSocket 连接，但收不到数据，可能被代理截留。页面每隔几秒通过 HTTP 获取变更，并以同样方式发送变更，同时会继续尝试连接。";
        explain_polling_cut: Text = "WebSocket connections break off after a few seconds: a proxy may cut them. Meanwhile, changes are fetched every few seconds over HTTP and sent the same way; the page keeps trying to connect.", "WebSocket 连接建立几秒后就会中断，可能被代理切断。其间页面每隔几秒通过 HTTP 获取变更，并以同样方式发送变更，同时会继续尝试连接。";
        explain_no_answer: Text = "The server has stopped answering. The board may be out of date. The page reconnects automatically.", "服务器已停止响应，显示的内容可能已过期；页面会自动重连。";
        explain_stopped_closed: Text = "The connection was closed on this side.", "连接已由本页面关闭。";
        explain_stopped_limit: Text = "The page has used all its reconnect attempts. Retry when the server is back.", "重连次数已达上限。服务器恢复后请重试。";
        explain_stopped_sign_in: Text = "The server does not accept the credential. Sign in again, then retry.", "服务器不接受当前凭据。请重新登录后重试。";
        explain_stopped_version: Text = "The server has another version than this page. Reload the page.", "服务器与此页面的版本不一致。请重新加载页面。";
        explain_stopped_refused: Text = "The server closed the connection permanently. The reason is below.", "服务器永久关闭了连接，原因见下方。";
        mode: Text = "Mode", "模式";
        mode_ordered: Text = "ordered (board.v1)", "有序 (board.v1)";
        mode_compatible: Text = "compatible (older server)", "兼容（旧版服务器）";
        mode_polling: Text = "polling over HTTP", "轮询 (HTTP)";
        mode_none: Text = "none yet", "尚无";
        attempts: Text = "Attempts", "尝试次数";
        last_connected: Text = "Last in sync", "上次同步";
        round_trip: Text = "Round trip", "往返时间";
        milliseconds: With = |n| format!("{n} ms"), |n| format!("{n} 毫秒");
        last_message: Text = "Last message", "上一条消息";
        messages: Text = "Messages received", "已收消息";
        closed_with: Text = "Connection lost", "连接断开";
        code_and_reason: Pair = |code, reason| format!("{code} · {reason}"), |code, reason| format!("{code} · {reason}");
        never: Text = "never", "从未";
        announce_stale: With = |time| format!("Not live. Showing data from {time}."), |time| format!("连接已中断。显示截至 {time} 的数据。");
        announce_live: Text = "Live again.", "已恢复实时。";
        title: Text = "Connection", "连接";
        connecting: Text = "Connecting", "连接中";
        live: Text = "Live", "实时";
        catching_up: Count = |_, digits| format!("Catching up ({digits})"), |_, digits| format!("同步中 ({digits})");
        catching_up_some: Text = "Catching up", "同步中";
        reconnecting: Count = |_, digits| format!("Reconnecting in {digits} s"), |_, digits| format!("{digits} 秒后重连");
        retry_now: Text = "Retry", "立即重试";
        offline: Text = "Offline", "离线";
        data_from: With = |time| format!("data from {time}"), |time| format!("数据截至 {time}");
        degraded: Text = "Updates have gaps", "更新有缺口";
        compatible: Text = "Compatible mode", "兼容模式";
        polling: Text = "Polling", "轮询";
        polling_refused: Text = "WebSocket blocked", "WebSocket 被拦截";
        polling_silent: Text = "WebSocket silent", "WebSocket 无数据";
        polling_cut: Text = "WebSocket breaks off", "WebSocket 频繁中断";
        no_answer: Count = |_, digits| format!("No answer for {digits} s"), |_, digits| format!("{digits} 秒无响应");
        idle: Text = "Not connected", "未连接";
        stopped_closed: Text = "Connection closed", "连接已关闭";
        stopped_limit: Text = "Could not reconnect", "无法重新连接";
        stopped_sign_in: Text = "Sign in needed", "需要登录";
        stopped_version: Text = "New version: reload", "有新版本：请刷新";
        stopped_refused: Text = "Refused by the server", "被服务器拒绝";
    }
}
