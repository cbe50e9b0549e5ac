using Microsoft.Extensions.Configuration;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Secrets;

namespace Migrator.App.Hosting;

/// <summary>Looks up the secrets that jobs and settings refer to, each once, although several parts of a command may want it.</summary>
/// <param name="mayAsk">A person may be there who can be asked.</param>
/// <param name="stop">Ends a question that nobody has answered yet.</param>
public sealed class SecretStore(IConfigurationRoot settings, bool mayAsk, CancellationToken stop)
{
    private readonly Dictionary<SecretReference, string> _known = [];

    /// <param name="purpose">What the secret is for, as text.</param>
    /// <exception cref="ConfigurationException">It is not where the reference says.</exception>
    public string Resolve(SecretReference reference, string purpose)
    {
        var key = reference with { Name = reference.Source == SecretSource.Prompt ? purpose : reference.Name };
        // One question at a time.
        lock (_known)
        {
            if (!_known.TryGetValue(key, out var secret))
                _known[key] = secret = SettingSecrets
                    .Resolver(settings, mayAsk && !Console.IsInputRedirected ? Ask : null)
                    .Resolve(reference, purpose);
            return secret;
        }
    }

    /// <summary>Looked up again, for one that holds no longer.</summary>
    /// <inheritdoc cref="Resolve"/>
    public string ResolveAgain(SecretReference reference, string purpose)
    {
        lock (_known)
            _known.Remove(reference);
        return Resolve(reference, purpose);
    }

    /// <inheritdoc cref="Resolve"/>
    public string Ask(string purpose) => SecretPrompt.Ask(purpose, stop);

    /// <summary>One that has looked nothing up yet, as secrets may have been replaced, and that asks nobody.</summary>
    public SecretStore ForService() => new(settings, mayAsk: false, stop);
}
