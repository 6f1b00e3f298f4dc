//! Texts about sign-in and tokens.

use super::catalogue::{Pair, Text, With, texts};

texts! {
    /// Texts about sign-in and tokens.
    Access {
        signed_out: Text = "You are signed out. The board may be out of date, and changes are not sent.", "您已退出登录。显示的内容可能已过期，更改不会发送。";
        sign_in: Text = "Sign in", "登录";
        sign_out: Text = "Sign out", "退出登录";
        nobody_asks: Text = "This server needs no sign-in.", "此服务器无需登录。";
        you_are: Pair = |name, role| format!("{name} · {role}"), |name, role| format!("{name} · {role}");
        not_allowed: Text = "Your role does not allow this.", "您的角色没有此权限。";
        tokens: Text = "Tokens", "令牌";
        about_tokens: Text = "Tokens let people sign in and programs call the API. Each has a role and can be limited to one project.", "用户用令牌登录，程序在请求中携带令牌。每个令牌有一个角色，也可以只限一个项目。";
        not_yours: Text = "Only administrators can manage tokens.", "只有管理员可以管理令牌。";
        no_tokens: Text = "No tokens yet.", "还没有令牌。";
        new_token: Text = "New token", "新建令牌";
        whose: Text = "Name", "名称";
        whose_missing: Text = "Enter a name for the token.", "请填写令牌的名称。";
        role: Text = "Role", "角色";
        person: Text = "Person", "用户";
        person_hint: Text = "Changes are recorded under this name, whichever token is used. Leave empty to use the token's name.", "无论使用哪个令牌，更改都记在此人名下。留空则与令牌同名。";
        of_person: With = |name| format!("Person: {name}"), |name| format!("用户：{name}");
        reach: Text = "Project", "项目";
        choose_project: Text = "Choose a project", "请选择项目";
        project_missing: Text = "Choose the agent's project.", "请选择智能体所属的项目。";
        make: Text = "Create token", "创建令牌";
        shown_once: Text = "Copy it now: you won't see it again.", "请立即复制，之后不会再显示。";
        revoke: Text = "Revoke", "撤销";
        revoke_warning: With = |name| format!("Everyone using “{name}” is signed out immediately: pages, programs and agents."), |name| format!("使用“{name}”令牌的页面、程序和智能体将立即失效。");
        used: With = |ago| format!("used {ago}"), |ago| format!("{ago}使用");
        never_used: Text = "never used", "从未使用";
        role_and_use: Pair = |role, what| format!("{role}: {what}"), |role, what| format!("{role}：{what}");
        role_admin: Text = "Administrator", "管理员";
        role_editor: Text = "Editor", "编辑";
        role_viewer: Text = "Viewer", "只读";
        role_agent: Text = "Agent", "智能体";
        use_admin: Text = "full access", "全部权限";
        use_editor: Text = "projects and tasks", "项目与任务";
        use_viewer: Text = "read only", "只能查看";
        use_agent: Text = "the tasks of one project", "一个项目的任务";
    }
}
