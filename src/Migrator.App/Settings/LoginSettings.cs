using Microsoft.Extensions.Configuration;
using Migrator.Core.Failures;
using Migrator.Core.Secrets;

namespace Migrator.App.Settings;

/// <summary>The section <c>Logins</c>: what refresh tokens are encrypted with.</summary>
/// <param name="Key">Null for a file in the state directory.</param>
public sealed record LoginSettings(SecretReference? Key)
{
    /// <exception cref="ConfigurationException">Every error.</exception>
    public static LoginSettings Read(IConfiguration settings)
    {
        var logins = new SettingsReader(settings, "Logins");
        logins.RejectUnknown("Key");
        var key = logins.Secret("Key", "key of stored logins");
        logins.ThrowIfWrong();
        return new LoginSettings(key);
    }
}
