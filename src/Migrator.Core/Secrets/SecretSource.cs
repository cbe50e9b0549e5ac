namespace Migrator.Core.Secrets;

public enum SecretSource
{
    /// <summary>An environment variable.</summary>
    Env,

    /// <summary>A file's content, without its last line end.</summary>
    File,

    /// <summary>A setting from Azure Key Vault or from an environment variable of ours.</summary>
    Setting,

    /// <summary>The line of a login name in a file with the passwords of many mailboxes.</summary>
    PasswordFile,

    /// <summary>The first line that a program prints.</summary>
    Command,

    /// <summary>Asked for on the terminal.</summary>
    Prompt,
}
