using Migrator.Core.Providers;

namespace Migrator.Cli.Output;

/// <summary>Says for people what a profile of a provider says.</summary>
public static class ProviderWords
{
    public static string Login(ProviderLogin login) =>
        login switch
        {
            ProviderLogin.AppPassword => "app password",
            ProviderLogin.Microsoft => "OAuth",
            ProviderLogin.Google => "OAuth, app password",
            _ => "password",
        };
}
