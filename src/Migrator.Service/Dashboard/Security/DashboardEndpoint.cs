namespace Migrator.Service.Dashboard.Security;

/// <summary>Marks the endpoints of the page, so that its guards leave alone what else the worker serves.</summary>
internal sealed class DashboardEndpoint;
