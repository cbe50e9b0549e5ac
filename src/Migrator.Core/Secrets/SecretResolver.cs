using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Redaction;

namespace Migrator.Core.Secrets;

/// <summary>Gets a secret from where a job says it is.</summary>
/// <param name="prompt">Asks a person; given what is asked for. Null where nobody can be asked.</param>
/// <param name="setting">Looks a setting up by its name.</param>
public sealed class SecretResolver(Func<string, string>? prompt, Func<string, SettingLookup> setting)
{
    /// <summary>What it gives is from then on kept out of logs, traces and reports (<see cref="SecretRedactor"/>).</summary>
    /// <param name="purpose">What the secret is for, as text.</param>
    /// <exception cref="ConfigurationException">It is not there.</exception>
    public string Resolve(SecretReference reference, string purpose)
    {
        var secret = Read(reference, purpose);
        SecretRedactor.Add(secret);
        return secret;
    }

    private string Read(SecretReference reference, string purpose)
    {
        switch (reference.Source)
        {
            case SecretSource.Env:
                return Environment.GetEnvironmentVariable(reference.Name) is { Length: > 0 } value
                    ? value
                    : throw Missing(
                        $"the environment variable {reference.Name} is not set. Set it, or use "
                            + "\"file:PATH\", \"setting:NAME\""
                            + $"{(prompt is null ? " or \"command:LINE\"" : ", \"command:LINE\" or \"prompt\"")}."
                    );
            case SecretSource.File:
                try
                {
                    var text = InputFile.ReadText(reference.Name, InputFile.MostOfSecret);
                    // An editor ends the file with a line end that is not part of the secret; further ones may be.
                    text =
                        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2]
                        : text.EndsWith('\n') ? text[..^1]
                        : text;
                    return text.Length > 0 ? text : throw Missing($"the file {reference.Name} is empty.");
                }
                catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
                {
                    throw Missing("there is no such file.");
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    throw Missing($"the file {reference.Name} cannot be read: {exception.Message}");
                }
            case SecretSource.PasswordFile:
                return FromPasswordFile(reference.Name, reference.User);
            case SecretSource.Command:
                var (printed, failure) = CommandSecret.Run(reference.Name, reference.User);
                return printed ?? throw Missing(failure);
            case SecretSource.Setting:
                var found = setting(reference.Name);
                return found.Value ?? throw Missing(found.Why);
            default:
                return prompt?.Invoke(purpose) is { Length: > 0 } typed
                    ? typed
                    : throw Missing(
                        "cannot prompt: no interactive terminal. Use \"env:NAME\", \"file:PATH\", \"setting:NAME\" or \"command:LINE\", or "
                            + "run in a terminal."
                    );
        }

        string FromPasswordFile(string file, string user)
        {
            try
            {
                var (password, why) = PasswordFile.Find(file, user);
                return password ?? throw Missing(why);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw Missing($"it cannot be read: {exception.Message}");
            }
        }

        ConfigurationException Missing(string message) =>
            new(purpose, [new ConfigurationError(reference.ToString(), message)], Reason.SecretMissing);
    }
}
