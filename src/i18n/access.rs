//! Texts about sign-in and tokens.

use super::catalogue::{Pair, Text, With, texts};

texts! {
    /// Texts about sign-in and tokens.
    Access {
        signed_out: Text = "You are signed out. What is shown may be out of date, and changes are not sent.", "您已退出登录。显示的内容可能已过期，更改不会发送。";
        sign_in: Text = "Sign in", "登录";
        sign_out: Text = "Sign out", "退出登录";
        nobody_asks: Text = "Nobody has to sign in on this server.", "此服务器无需登录。";
        you_are: Pair = |name, role| format!("{name} · {role}"), |name, role| format!("{name} · {role}");
        not_allowed: Text = "Your role does not allow this.", "您的角色不允许此操作。";
        tokens: Text = "Tokens", "令牌";
        about_tokens: Text = "People sign in with a token, programs send it. Each has a role, and may be for one project only.", "人们用令牌登录，程序发送令牌。每个令牌有一个角色，也可以只限一个项目。";
        not_yours: Text = "Tokens are for administrators.", "令牌由管理者管理。";
        no_tokens: Text = "No tokens yet.", "还没有令牌。";
        new_token: Text = "New token", "新建令牌";
        whose: Text = "Name", "名称";
        whose_missing: Text = "Say whose token it is.", "请填写令牌的名称。";
        role: Text = "Role", "角色";
        person: Text = "Person", "用户";
        person_hint: Text = "Changes carry this name, whichever token they are made with. Empty: a person of the token's name.", "无论使用哪个令牌，更改都记在此人名下。留空则与令牌同名。";
        of_person: With = |name| format!("Person: {name}"), |name| format!("用户：{name}");
        reach: Text = "Project", "项目";
        choose_project: Text = "Choose a project", "请选择项目";
        project_missing: Text = "A token of an agent is for one project: choose it.", "智能体的令牌只限一个项目，请选择。";
        make: Text = "Make token", "创建令牌";
        shown_once: Text = "This is shown once. Copy it now: the server keeps only a digest.", "仅显示一次，请立即复制：服务器只保存摘要。";
        revoke: Text = "Revoke", "撤销";
        revoke_warning: With = |name| format!("Who uses the token of “{name}” is out at once: pages, programs and agents."), |name| format!("使用“{name}”令牌的页面、程序和智能体将立即失效。");
        used: With = |ago| format!("used {ago}"), |ago| format!("{ago}使用");
        never_used: Text = "never used", "从未使用";
        role_and_use: Pair = |role, what| format!("{role}: {what}"), |role, what| format!("{role}：{what}");
        role_admin: Text = "Administrator", "管理者";
        role_editor: Text = "Editor", "编辑者";
        role_viewer: Text = "Viewer", "查看者";
        role_agent: Text = "Agent", "智能体";
        use_admin: Text = "everything, tokens too", "一切，包括令牌";
        use_editor: Text = "projects and tasks", "项目与任务";
        use_viewer: Text = "looks only", "仅查看";
        use_agent: Text = "the tasks of one project", "一个项目的任务";
    }
}
