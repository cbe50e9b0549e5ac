using Migrator.Core.Failures;
using Migrator.Core.Secrets;

namespace Migrator.Core.Identity;

/// <summary>Obtains access tokens, each once for all who share it.</summary>
public interface ITokenProvider
{
    /// <param name="settings">How.</param>
    /// <param name="mailbox">The login name of the mailbox that it is for.</param>
    /// <param name="resolve">Looks a secret up; given what it is for.</param>
    /// <exception cref="ConfigurationException">A secret, a key or a certificate is not where the settings say, or is none.</exception>
    Credential For(TokenSettings settings, string mailbox, Func<SecretReference, string, string> resolve);
}
