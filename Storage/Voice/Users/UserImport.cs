using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Exports;
using CloudStore.Storage.Imports.Targets;

namespace CloudStore.Storage.Voice.Users;

/// <summary>The import target <c>voice.users</c>: lists of users from other systems. A row whose username is there changes that user.</summary>
public sealed class UserImport : ImportTarget<User>
{
    internal const string TargetName = "voice.users";

    /// <inheritdoc/>
    public override string Name => TargetName;

    /// <inheritdoc/>
    public override bool HasKey => true;

    /// <summary>Email and phone are one token: a file that has one of them says all there is.</summary>
    public override IReadOnlyList<string> AlwaysWritten { get; } = [nameof(User.Email), nameof(User.Phone)];

    /// <inheritdoc/>
    public override IReadOnlyList<ImportField<User>> TypedFields { get; } =
    [
        ImportField<User>.Text("username", nameof(User.Username), (u, v) => u.Username = v, u => u.Username, "user", "userid", "login", "loginname", "accountname", "handle") with { Required = true },
        ImportField<User>.Text("email", nameof(User.Email), (u, v) => u.Email = v, u => u.Email, "emailaddress", "mail", "emailid") with { IsEncrypted = true },
        ImportField<User>.Text("phone", nameof(User.Phone), (u, v) => u.Phone = v, u => u.Phone, "phonenumber", "mobile", "mobilenumber", "mobileno", "telephone", "msisdn", "contactnumber") with { IsEncrypted = true },
        ImportField<User>.Text("locale", nameof(User.Locale), (u, v) => u.Locale = v, u => u.Locale, "language", "lang", "languagetag"),
        ImportField<User>.Text("roles", nameof(User.RoleLines), (u, v) => u.RoleLines = User.Join(v.Split([',', ';', '|'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)), u => u.RoleLines is null ? null : string.Join(',', u.Roles), "role", "groups"),
        ImportField<User>.Text("status", nameof(User.Status), SetStatus, u => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(u.Status.ToString()), "state", "accountstatus"),
    ];

    /// <inheritdoc/>
    public override void Complete(User row, string?[]? key)
    {
        if (key is not null)
        {
            throw ProblemException.ForField(ProblemKind.Invalid, "key", "fixed", "key cannot be chosen for voice.users: a user's key is the username.");
        }
    }

    /// <inheritdoc/>
    public override void Check(User row, Action<string, string, string> report)
    {
        UserRules.Check(row, row.Roles, report);
        if (!Enum.IsDefined(row.Status))
        {
            report("status", "known-value", "status is one of active, suspended, closed.");
        }
    }

    // A word that is none of them becomes a status that the check refuses.
    private static void SetStatus(User user, string text) =>
        user.Status = char.IsAsciiLetter(text[0]) && Enum.TryParse<UserStatus>(text, ignoreCase: true, out var status) ? status : (UserStatus)(-1);
}

/// <summary>The export source <c>voice.users</c>. It has no filter by email, which is found by a hash under the tenant's key, and takes users of any status: what is given out of one user is an export of that person.</summary>
public sealed class UserExport(ImportTargets targets) : ExportSource<User>(targets, UserImport.TargetName)
{
    /// <inheritdoc/>
    public override IReadOnlyList<ExportFilter> Filters { get; } =
        [new("username", "Exactly this username.", IsPersonal: true), new("role", "Users who have this role."), new("locale", "Exactly this locale.")];

    /// <inheritdoc/>
    protected override Func<IQueryable<User>, IQueryable<User>> Filter(FilterValues values)
    {
        var filter = new UserFilter { Username = values.Text("username"), Role = values.Text("role"), Locale = values.Text("locale") };
        return query => filter.Apply(query, null!);
    }
}
