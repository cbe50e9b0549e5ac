using System.Text.Json.Serialization;

namespace Migrator.Storage.Logins;

[JsonSerializable(typeof(LoginRecord))]
internal sealed partial class LoginJson : JsonSerializerContext;
