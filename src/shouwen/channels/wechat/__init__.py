"""The company's official account in WeChat (公众号): what people send it becomes complaints."""
