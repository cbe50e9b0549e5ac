namespace Migrator.Core.Secrets;

public enum SecretSource
{
    /// <summary>An environment variable.</summary>
    Env,

    /// <summary>A file's content, without its last line end.</summary>
    File,

    /// <summary>A setting from Azure Key Vault or from an environment variable of ours.</summary>
    Setting,

    /// <summary>Asked for on the terminal.</summary>
    Prompt,
}
