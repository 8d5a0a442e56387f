# etcd, the API server, its controllers and KWOK.
# shellcheck shell=bash disable=SC2154 # BIN, DIR and friends are set by the caller

make_keys() {
    local pki=$DIR/pki
    (
        umask 077
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$pki/service-accounts.key"
        openssl pkey -in "$pki/service-accounts.key" -pubout -out "$pki/service-accounts.pub"
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=kube-apiserver \
            -addext extendedKeyUsage=clientAuth -keyout "$pki/kubelet-client.key" -out "$pki/kubelet-client.crt"
    ) 2>"$DIR/logs/openssl.log"
}

# One user each, so that the audit log tells a test's requests (user flowlet-dev) from the cluster's own.
make_tokens() {
    local user groups
    (
        umask 077
        while read -r user groups; do
            printf '%s,%s,%s,"%s"\n' "$(random_token)" "$user" "$user" "$groups"
        done >"$DIR/pki/tokens.csv" <<EOF
$CONTEXT system:masters
kwok system:masters
system:kube-controller-manager system:authenticated
system:kube-scheduler system:authenticated
system:node:$REAL_NODE system:nodes
EOF
    )
}

# kubeconfig_for USER FILE: the API server signs its own certificate at its first start, so not before that.
kubeconfig_for() {
    local token
    token=$(awk -F, -v user="$1" '$2 == user { print $1 }' "$DIR/pki/tokens.csv")
    (
        umask 077
        cat >"$2" <<EOF
apiVersion: v1
kind: Config
current-context: $CONTEXT
contexts: [{name: $CONTEXT, context: {cluster: $CONTEXT, user: $CONTEXT}}]
clusters:
- name: $CONTEXT
  cluster:
    server: https://127.0.0.1:$API_PORT
    certificate-authority-data: $(base64 -w0 "$DIR/pki/apiserver.crt")
users: [{name: $CONTEXT, user: {token: "$token"}}]
EOF
    )
}

start_etcd() {
    local client=http://127.0.0.1:$ETCD_PORT peer=http://127.0.0.1:$ETCD_PEER_PORT
    spawn etcd "$BIN/etcd" --data-dir="$DIR/etcd" --unsafe-no-fsync --log-level=warn \
        --listen-client-urls="$client" --advertise-client-urls="$client" \
        --listen-peer-urls="$peer" --initial-advertise-peer-urls="$peer" --initial-cluster="default=$peer"
}

accepts() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

start_apiserver() {
    local pki=$DIR/pki
    spawn kube-apiserver "$BIN/kube-apiserver" --etcd-servers="http://127.0.0.1:$ETCD_PORT" \
        --bind-address=127.0.0.1 --secure-port="$API_PORT" --cert-dir="$pki" \
        --advertise-address="$NODE_IP" --endpoint-reconciler-type=none --service-cluster-ip-range=10.96.0.0/16 \
        --service-account-key-file="$pki/service-accounts.pub" \
        --service-account-signing-key-file="$pki/service-accounts.key" \
        --service-account-issuer=https://kubernetes.default.svc --token-auth-file="$pki/tokens.csv" \
        --authorization-mode=Node,RBAC --allow-privileged=true \
        --kubelet-preferred-address-types=InternalIP \
        --kubelet-client-certificate="$pki/kubelet-client.crt" --kubelet-client-key="$pki/kubelet-client.key" \
        --audit-policy-file="$HERE/lib/audit-policy.yaml" --audit-log-path="$DIR/audit.log" \
        --audit-log-mode=blocking --audit-log-maxsize=100000
}

api_ready() { "$BIN/kubectl" --kubeconfig="$DIR/kubeconfig" get --raw /readyz; }

start_controllers() {
    local user config=$DIR/config
    for user in kube-controller-manager kube-scheduler; do kubeconfig_for "system:$user" "$config/$user"; done
    kubeconfig_for kwok "$config/kwok"
    spawn kube-controller-manager "$BIN/kube-controller-manager" --kubeconfig="$config/kube-controller-manager" \
        --service-account-private-key-file="$DIR/pki/service-accounts.key" --root-ca-file="$DIR/pki/apiserver.crt" \
        --use-service-account-credentials --leader-elect=false --secure-port=0 --enable-hostpath-provisioner=true
    spawn kube-scheduler "$BIN/kube-scheduler" --kubeconfig="$config/kube-scheduler" --leader-elect=false --secure-port=0
    # Only its own nodes: a real node must keep the status that its kubelet gives it.
    spawn kwok "$BIN/kwok" --kubeconfig="$config/kwok" --manage-all-nodes=false \
        --manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake --node-lease-duration-seconds=40
}

create_objects() {
    local taints='[]' name
    if [[ -n $HAS_REAL_NODE ]]; then taints='[{key: kwok.x-k8s.io/node, value: fake, effect: NoSchedule}]'; fi
    {
        cat "$HERE/lib/storage-class.yaml"
        for name in "${KWOK_NODES[@]}"; do
            sed -e "s/@NAME@/$name/" -e "s|@TAINTS@|$taints|" "$HERE/lib/kwok-node.yaml"
        done
    } | "$BIN/kubectl" --kubeconfig="$DIR/kubeconfig" apply --server-side -f - >"$DIR/logs/objects.log" 2>&1
}
