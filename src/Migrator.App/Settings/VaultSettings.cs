using Microsoft.Extensions.Configuration;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.App.Settings;

/// <summary>The section <c>KeyVault</c>: a vault whose secrets are settings too.</summary>
/// <param name="Address">Of the vault.</param>
/// <param name="Reload">How often the service reads it again.</param>
public sealed record VaultSettings(Uri Address, TimeSpan Reload)
{
    /// <returns>Null where no vault is named.</returns>
    /// <exception cref="JobFileException">Every mistake.</exception>
    public static VaultSettings? Read(IConfiguration settings)
    {
        List<JobFileError> errors = [.. KnownKeys.Others(settings.GetSection("KeyVault"), "Uri", "Reload")];
        Uri? address = null;
        if (settings["KeyVault:Uri"] is { Length: > 0 } text && (!Uri.TryCreate(text, UriKind.Absolute, out address) || address is not { Scheme: "https", AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" }))
            errors.Add(new JobFileError("KeyVault:Uri", $"is \"{text}\"; give the address of the vault alone, such as \"https://NAME.vault.azure.net\"."));
        var reload = Durations.Parse(settings["KeyVault:Reload"] is { Length: > 0 } given ? given : "30m");
        if (reload is null || reload < TimeSpan.FromMinutes(1) || reload > TimeSpan.FromDays(1))
            errors.Add(new JobFileError("KeyVault:Reload", "must be a time such as \"30m\", from \"1m\" to \"1d\"."));
        return errors.Count > 0 ? throw new JobFileException("settings", errors) : address is null ? null : new VaultSettings(address, reload!.Value);
    }
}
