//! Texts about questions of agents.

use super::catalogue::{Pair, Text, With, texts};

texts! {
    /// Texts about questions of agents and their answers.
    Questions {
        title: Text = "Question", "问题";
        the_questions: Text = "The questions of the agent", "智能体的问题";
        asks: With = |agent| format!("{agent} asks"), |agent| format!("{agent} 提问");
        needs_permission: With = |agent| format!("{agent} needs a permission"), |agent| format!("{agent} 请求授权");
        needs_sign_in: With = |agent| format!("{agent} needs a sign-in"), |agent| format!("{agent} 需要登录");
        needs_you: With = |agent| format!("{agent} needs you"), |agent| format!("{agent} 需要您处理");
        answer: Text = "Answer", "回答";
        answer_to: With = |agent| format!("Answer {agent}"), |agent| format!("回答 {agent}");
        choices: Text = "Answers to choose from", "可选的回答";
        send: Text = "Send answer", "发送回答";
        hint: Text = "Ctrl+Enter sends.", "Ctrl+Enter 发送。";
        sent: With = |agent| format!("The answer to {agent} was sent."), |agent| format!("给 {agent} 的回答已发送。");
        not_sent: With = |reason| format!("The answer was not sent. {reason}"), |reason| format!("回答未能发送。{reason}");
        not_sent_again: With = |reason| format!("The answer was not sent again. {reason}"), |reason| format!("回答未能重新发送。{reason}");
        queued: With = |agent| format!("Queued: delivered with the next report of {agent}"), |agent| format!("排队中：{agent} 下次汇报时送达");
        delivered: With = |ago| format!("Delivered {ago}"), |ago| format!("{ago}送达");
        read: With = |ago| format!("Read {ago}"), |ago| format!("{ago}已读");
        late: With = |agent| format!("Late: {agent} did not get it"), |agent| format!("已过期：{agent} 未收到");
        send_again: Text = "Send again", "重新发送";
        send_again_hint: Text = "Sends it to the agent as a message.", "作为消息发给智能体。";
        sent_again: With = |ago| format!("Sent as a message {ago}"), |ago| format!("{ago}已作为消息发送");
        closed_meanwhile: With = |why| format!("{why} You can still send an answer as a message."), |why| format!("{why}现在回答将视为过期，但可作为消息发送。");
        outcome_answered: With = |agent| format!("{agent} got its answer and continued."), |agent| format!("{agent} 已得到回答并继续工作。");
        outcome_resumed: With = |agent| format!("{agent} continued without an answer."), |agent| format!("{agent} 未等到回答，已继续工作。");
        outcome_replaced: With = |agent| format!("{agent} asked something else."), |agent| format!("{agent} 已提出其他问题。");
        outcome_claim_ended: With = |agent| format!("{agent} no longer holds the task."), |agent| format!("{agent} 不再持有此任务。");
        outcome_finished: With = |agent| format!("{agent} has finished."), |agent| format!("{agent} 已结束。");
        outcome_removed: With = |agent| format!("{agent} was removed."), |agent| format!("{agent} 已被移除。");
        outcome_reset: Text = "All tasks were reset.", "所有任务已重置。";
        answered_by: Pair = |person, ago| format!("{person}, {ago}"), |person, ago| format!("{person}，{ago}");
    }
}
