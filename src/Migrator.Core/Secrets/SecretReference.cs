namespace Migrator.Core.Secrets;

/// <summary>Where a secret is to be found, never the secret itself.</summary>
public sealed record SecretReference(SecretSource Source, string Name)
{
    /// <summary>The login name whose line of a password file is meant, or that a command gets; else empty.</summary>
    public string User { get; init; } = "";

    /// <summary>How it is written, for people.</summary>
    public const string Forms = "\"env:NAME\", \"file:PATH\", \"setting:NAME\", \"command:LINE\" or \"prompt\"";

    private const string Command = "command:";

    public static bool IsCommand(string text) => text.StartsWith(Command, StringComparison.Ordinal);

    /// <param name="directory">Where a relative path starts from.</param>
    /// <returns>Null where the text is not a reference: it may be a secret, so it must not be repeated.</returns>
    public static SecretReference? Parse(string text, string directory) =>
        text switch
        {
            "prompt" => new SecretReference(SecretSource.Prompt, ""),
            _ when text.Contains('\0') => null,
            _ when text.StartsWith("env:", StringComparison.Ordinal) && text.Length > 4 => new SecretReference(SecretSource.Env, text[4..]),
            _ when text.StartsWith("setting:", StringComparison.Ordinal) && text.Length > 8 => new SecretReference(
                SecretSource.Setting,
                text[8..]
            ),
            _ when text.StartsWith("file:", StringComparison.Ordinal) && text.Length > 5 => new SecretReference(
                SecretSource.File,
                Path.GetFullPath(text[5..], directory)
            ),
            _ when IsCommand(text) && text.Length > Command.Length => new SecretReference(SecretSource.Command, text[Command.Length..]),
            _ => null,
        };

    public override string ToString() =>
        Source == SecretSource.Prompt ? "prompt"
        : Source == SecretSource.PasswordFile ? $"passwordFile {Name}"
        : $"{Source.ToString().ToLowerInvariant()}:{Name}";
}
