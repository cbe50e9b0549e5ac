using Microsoft.Extensions.Configuration;
using Migrator.Core.Failures;

namespace Migrator.App.Settings;

/// <summary>The section <c>KeyVault</c>: a vault whose secrets are settings too.</summary>
/// <param name="Address">Of the vault.</param>
/// <param name="Reload">How often the service reads it again.</param>
public sealed record VaultSettings(Uri Address, TimeSpan Reload)
{
    /// <returns>Null where no vault is named.</returns>
    /// <exception cref="ConfigurationException">Every error.</exception>
    public static VaultSettings? Read(IConfiguration settings)
    {
        var vault = new SettingsReader(settings, "KeyVault");
        vault.RejectUnknown("Uri", "Reload");
        Uri? address = null;
        if (
            vault.Text("Uri") is { } text
            && (
                !Uri.TryCreate(text, UriKind.Absolute, out address)
                || address is not { Scheme: "https", AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" }
            )
        )
            vault.Wrong("Uri", $"is \"{text}\"; give the address of the vault alone, such as \"https://NAME.vault.azure.net\".");
        var reload = vault.Duration("Reload", "30m", least: "1m", most: "1d");
        vault.ThrowIfWrong();
        return address is null ? null : new VaultSettings(address, reload);
    }
}
