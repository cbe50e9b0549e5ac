namespace Migrator.Service.Dashboard.Security;

/// <summary>Names of the ways to be let in.</summary>
internal static class DashboardSchemes
{
    /// <summary>Chooses among the others.</summary>
    public const string Any = "Migrator.Dashboard";

    public const string Cookie = "Migrator.Cookie";

    public const string Bearer = "Migrator.Bearer";

    public const string OpenId = "Migrator.OpenIdConnect";

    /// <summary>Where nobody is asked: only this machine reaches the page.</summary>
    public const string ThisMachine = "Migrator.ThisMachine";
}
